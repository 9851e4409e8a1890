package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// file is what a configuration file says.
type file struct {
	tree   map[string]any    // sections within sections; leaves are string or []string, as written
	places map[string]string // of each key: "synod.yaml:3:5"
	roles  []writtenRole     // those that are written well enough
	// listsRoles is whether there is an item in the list of roles, well written or not.
	listsRoles bool
}

// fileReader goes through a configuration file and collects what is wrong with it.
type fileReader struct {
	name       string
	places     map[string]string
	roles      []writtenRole
	listsRoles bool
	problems   []error
}

// readFile reads a configuration file strictly. A name of "" is an empty file.
func readFile(name string) (file, []error) {
	read := file{tree: map[string]any{}, places: map[string]string{}}
	if name == "" {
		return read, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return read, []error{fmt.Errorf("configuration file: %w", err)}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return read, nil
	} else if err != nil {
		return read, []error{fmt.Errorf("%s: %w", name, err)}
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return read, []error{fmt.Errorf("%s: has more than one document, or is damaged: %v", name, err)}
	}
	r := &fileReader{name: name, places: read.places}
	read.tree = r.section(document.Content[0], "")
	read.roles, read.listsRoles = r.roles, r.listsRoles
	return read, r.problems
}

// section reads the keys of one mapping; path is its own key, "" at the top.
func (r *fileReader) section(node *yaml.Node, path string) map[string]any {
	node = resolve(node)
	tree := make(map[string]any)
	if isNull(node) {
		return tree
	}
	if node.Kind != yaml.MappingNode {
		r.fault(node, "%s needs fields, and has %q", sectionName(path), node.Value)
		return tree
	}
	r.eachField(node, sectionName(path), func(name, value *yaml.Node) { r.field(tree, name, value, path) })
	return tree
}

// eachField has do read the fields of a mapping, which is called what.
func (r *fileReader) eachField(node *yaml.Node, what string, do func(name, value *yaml.Node)) {
	seen := make(map[string]bool)
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		if seen[name.Value] {
			r.fault(name, "field %q is given twice in %s", name.Value, what)
			continue
		}
		seen[name.Value] = true
		do(name, value)
	}
}

// field reads one key of the section at path into tree.
func (r *fileReader) field(tree map[string]any, name, value *yaml.Node, path string) {
	key := name.Value
	if path != "" {
		key = path + "." + key
	}
	known := fieldsOf(path)
	switch known[name.Value] {
	case isSection:
		tree[name.Value] = r.section(value, key)
	case isLeaf:
		r.places[key] = r.place(value)
		if leaf := r.leaf(value, key); leaf != nil {
			tree[name.Value] = leaf
		}
	case isRoles:
		r.readRoles(value)
	default:
		r.unknown(name, sectionName(path), slices.Collect(maps.Keys(known)))
	}
}

func (r *fileReader) unknown(name *yaml.Node, what string, known []string) {
	r.fault(name, "unknown field %q in %s%s", name.Value, what, suggest(name.Value, known))
}

// leaf returns the text of a value, or of the items of a list; nil where nothing is given.
func (r *fileReader) leaf(node *yaml.Node, key string) any {
	node = resolve(node)
	switch {
	case isNull(node):
		return nil
	case node.Kind == yaml.ScalarNode:
		return node.Value
	case node.Kind != yaml.SequenceNode:
		r.fault(node, "%s is one value or a list, and has no fields", key)
		return nil
	}
	items := make([]string, 0, len(node.Content))
	for _, item := range node.Content {
		item = resolve(item)
		if item.Kind != yaml.ScalarNode || isNull(item) {
			r.fault(item, "an item of %s is not a plain value", key)
			continue
		}
		items = append(items, item.Value)
	}
	return items
}

func (r *fileReader) fault(at *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s: %s", r.place(at), fmt.Sprintf(format, args...)))
}

func (r *fileReader) place(node *yaml.Node) string {
	return fmt.Sprintf("%s:%d:%d", r.name, node.Line, node.Column)
}

type fieldKind int

const (
	isSection fieldKind = iota + 1
	isLeaf
	isRoles
)

// fieldsOf returns the fields that the section at path may have.
func fieldsOf(path string) map[string]fieldKind {
	fields := make(map[string]fieldKind)
	if path == "" {
		fields[rolesField] = isRoles
	}
	for _, s := range settings {
		rest := s.key
		if path != "" {
			var ok bool
			if rest, ok = strings.CutPrefix(s.key, path+"."); !ok {
				continue
			}
		}
		name, _, isNested := strings.Cut(rest, ".")
		fields[name] = isLeaf
		if isNested {
			fields[name] = isSection
		}
	}
	return fields
}

func sectionName(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

// resolve follows an alias to what it stands for.
func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }
