package mutants

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// activeVariable chooses, in a binary built of many mutants, which one it is: a number from 1, or none.
const activeVariable = "SYNOD_MUTANT"

// variants lays many mutants over the same files, so that one build serves them all. Of each function that
// a mutant changes there is then, beside the function, a variant under another name; the function begins with
// a jump to the variant of the mutant that the environment names.
type variants struct {
	root  string
	files map[string]*variedFile
}

// variedFile is one file, and the variants of its functions.
type variedFile struct {
	text     string
	syntax   *ast.File
	fileSet  *token.FileSet
	variants map[int][]variant // by index of the declaration
}

// variant is a function as one mutant has it.
type variant struct {
	mutant int
	body   string
}

func newVariants(root string) *variants {
	return &variants{root: root, files: map[string]*variedFile{}}
}

// add lays one more mutant over the files, under a number. It reports false, and changes nothing, where the
// mutant changes more than the bodies of functions: then it has to be built alone.
func (v *variants) add(number int, m Mutant) (bool, error) {
	texts, err := m.Apply(v.root)
	if err != nil {
		return false, err
	}
	bodies := map[string]map[int]string{}
	for name, text := range texts {
		file, err := v.file(name)
		if err != nil {
			return false, err
		}
		if bodies[name] = file.changedBodies(text); bodies[name] == nil {
			return false, nil
		}
	}
	for name, changed := range bodies {
		for i, body := range changed {
			file := v.files[name]
			file.variants[i] = append(file.variants[i], variant{number, body})
		}
	}
	return true, nil
}

func (v *variants) file(name string) (*variedFile, error) {
	if known := v.files[name]; known != nil {
		return known, nil
	}
	text, err := os.ReadFile(filepath.Join(v.root, name))
	if err != nil {
		return nil, err
	}
	f := &variedFile{text: string(text), fileSet: token.NewFileSet(), variants: map[int][]variant{}}
	if f.syntax, err = parser.ParseFile(f.fileSet, name, f.text, parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	v.files[name] = f
	return f, nil
}

// changedBodies returns the bodies of the functions that differ in a mutated text, by the index of their
// declaration; nil where something else differs too.
func (f *variedFile) changedBodies(mutated string) map[int]string {
	fileSet := token.NewFileSet()
	syntax, err := parser.ParseFile(fileSet, "", mutated, parser.SkipObjectResolution)
	if err != nil || len(syntax.Decls) != len(f.syntax.Decls) {
		return nil
	}
	changed := map[int]string{}
	for i, now := range syntax.Decls {
		was := f.syntax.Decls[i]
		if between(fileSet, mutated, now.Pos(), now.End()) == f.between(was.Pos(), was.End()) {
			continue
		}
		nowFunc, isFunc := now.(*ast.FuncDecl)
		wasFunc, wasOne := was.(*ast.FuncDecl)
		if !isFunc || !wasOne || !canCall(wasFunc) ||
			between(fileSet, mutated, nowFunc.Pos(), nowFunc.Body.Pos()) !=
				f.between(wasFunc.Pos(), wasFunc.Body.Pos()) {
			return nil
		}
		changed[i] = between(fileSet, mutated, nowFunc.Body.Pos(), nowFunc.Body.End())
	}
	return changed
}

func between(fileSet *token.FileSet, text string, from, to token.Pos) string {
	return text[fileSet.Position(from).Offset:fileSet.Position(to).Offset]
}

func (f *variedFile) between(from, to token.Pos) string { return between(f.fileSet, f.text, from, to) }

// canCall reports whether a function can be called with the very arguments it was given: all have names.
func canCall(function *ast.FuncDecl) bool {
	fields := slices.Clone(function.Type.Params.List)
	if function.Recv != nil {
		fields = append(fields, function.Recv.List...)
	}
	for _, field := range fields {
		if len(field.Names) == 0 {
			return false
		}
		for _, name := range field.Names {
			if name.Name == "_" {
				return false
			}
		}
	}
	return function.Body != nil
}

// source is the file with its variants.
func (f *variedFile) source() string {
	var out, after strings.Builder
	at := 0
	for i, declared := range f.syntax.Decls {
		function, isFunc := declared.(*ast.FuncDecl)
		if !isFunc || len(f.variants[i]) == 0 {
			continue
		}
		begin := f.fileSet.Position(function.Body.Lbrace).Offset + 1
		out.WriteString(f.text[at:begin] + "\nswitch activeMutant {\n")
		at = begin
		for _, one := range f.variants[i] {
			name := fmt.Sprintf("%s_%d", function.Name.Name, one.mutant)
			fmt.Fprintf(&out, "case %d:\n%s\n", one.mutant, call(function, name))
			fmt.Fprintf(&after, "\n%s%s%s%s\n", f.between(function.Pos(), function.Name.Pos()), name,
				f.between(function.Name.End(), function.Body.Pos()), one.body)
		}
		out.WriteString("}\n")
	}
	return out.String() + f.text[at:] + after.String()
}

// call is what hands over to a variant of a function.
func call(function *ast.FuncDecl, name string) string {
	if function.Recv != nil {
		name = function.Recv.List[0].Names[0].Name + "." + name
	}
	var arguments []string
	for _, field := range function.Type.Params.List {
		_, isVariadic := field.Type.(*ast.Ellipsis)
		for _, parameter := range field.Names {
			if isVariadic {
				parameter = &ast.Ident{Name: parameter.Name + "..."}
			}
			arguments = append(arguments, parameter.Name)
		}
	}
	called := name + "(" + strings.Join(arguments, ", ") + ")"
	if function.Type.Results == nil {
		return called + "\nreturn"
	}
	return "return " + called
}

// sources returns all files with their variants, and one more for each package: it reads the environment.
func (v *variants) sources() map[string]string {
	sources := map[string]string{}
	for name, file := range v.files {
		sources[name] = file.source()
		var chooser bytes.Buffer
		fmt.Fprintf(&chooser, "package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\n", file.syntax.Name.Name)
		fmt.Fprintf(&chooser, "var activeMutant, _ = strconv.Atoi(os.Getenv(%q))\n", activeVariable)
		sources[path.Join(path.Dir(name), "active_mutant.go")] = chooser.String()
	}
	return sources
}

var (
	compileError = regexp.MustCompile(`([^/\s:]+\.go):(\d+):`)
	variantName  = regexp.MustCompile(`^func .*?_(\d+)[(\[]`)
)

// culprit returns the number of the mutant that the compiler's first error is in; 0 where it is in none.
func (v *variants) culprit(output string) int {
	found := compileError.FindStringSubmatch(output)
	if found == nil {
		return 0
	}
	number := 0
	last, _ := strconv.Atoi(found[2]) // digits alone
	for name, text := range v.sources() {
		if !strings.HasSuffix(overlayName(name), found[1]) {
			continue // the compiler shortens the names of directories, not of files
		}
		at := 0
		for line := range strings.Lines(text) {
			if at++; at > last {
				break
			}
			if named := variantName.FindStringSubmatch(line); named != nil {
				number, _ = strconv.Atoi(named[1])
			}
		}
	}
	return number
}
