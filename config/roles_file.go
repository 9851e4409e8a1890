package config

import (
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// writtenRole is an item of the list of roles.
type writtenRole struct {
	name   string
	place  string
	values map[string]any    // by the key of a setting; string or []string, as written
	places map[string]string // by the same
}

// readRoles reads the list of roles.
func (r *fileReader) readRoles(node *yaml.Node) {
	node = resolve(node)
	if isNull(node) {
		return
	}
	if node.Kind != yaml.SequenceNode {
		r.fault(node, "roles is a list, with an item for each role, as in `- proposer: p1`")
		return
	}
	r.listsRoles = len(node.Content) > 0
	for _, item := range node.Content {
		r.readRole(resolve(item))
	}
}

// readRole reads an item: a role with its id, what else this role may be told, and its log.
func (r *fileReader) readRole(node *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		r.fault(node, "an item of roles is a role and its id, as in `proposer: p1`")
		return
	}
	role, id := r.roleOf(node)
	if role.name == "" {
		return
	}
	what, keys := role.name+" "+id, keysOfRole(role.name)
	r.eachField(node, what, func(name, value *yaml.Node) {
		key, isKnown := keys[name.Value]
		if !isKnown {
			r.unknown(name, what, slices.Collect(maps.Keys(keys)))
			return
		}
		role.places[key] = r.place(value)
		if leaf := r.leaf(value, name.Value+" of "+what); leaf != nil {
			role.values[key] = leaf
		}
	})
	r.roles = append(r.roles, role)
}

// keysOfRole are the fields that an item of this role may have, with the settings that they are.
func keysOfRole(name string) map[string]string {
	keys := map[string]string{"log": "log"}
	for field := range fieldsOf(name) {
		keys[field] = name + "." + field
	}
	delete(keys, "id") // it stands with the role's name
	keys[name] = name + ".id"
	return keys
}

// roleOf finds which role an item is, and its id. A name of "" is none: what is wrong has been noted.
func (r *fileReader) roleOf(node *yaml.Node) (role writtenRole, id string) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], resolve(node.Content[i+1])
		if !slices.Contains(roleNames, name.Value) {
			continue
		}
		if role.name != "" && role.name != name.Value {
			r.fault(name, "an item of roles is one role: give the %s an item of its own", name.Value)
			return writtenRole{}, ""
		}
		if value.Kind != yaml.ScalarNode || isNull(value) || value.Value == "" {
			r.fault(name, "%s needs an id, as in `%s: %s1`", article(name.Value), name.Value, name.Value[:1])
			return writtenRole{}, ""
		}
		id = value.Value
		role = writtenRole{name: name.Value, place: r.place(node),
			values: make(map[string]any), places: make(map[string]string)}
	}
	if role.name == "" {
		r.namesNone(node)
	}
	return role, id
}

// namesNone tells of an item that names no role, and which one a field may have been meant to name.
func (r *fileReader) namesNone(node *yaml.Node) {
	hint := ""
	for i := 0; i < len(node.Content) && hint == ""; i += 2 {
		hint = suggest(node.Content[i].Value, roleNames)
	}
	r.fault(node, "an item of roles has a field named after its role: %s%s",
		strings.Join(roleNames, ", "), hint)
}
