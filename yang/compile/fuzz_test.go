package compile_test

import (
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/yang/compile"
)

// betweenModules separates the modules in an input of FuzzCompile.
const betweenModules = "\n====\n"

// FuzzCompile compiles modules. Whatever compiles also survives the compact form,
// and its resolved form is YANG again.
func FuzzCompile(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		texts := compile.Texts(strings.Split(text, betweenModules))
		opt := compile.Options{AllFeatures: true}
		for _, text := range texts {
			if name, isModule := compile.NameOf(text); isModule {
				opt.Implement = append(opt.Implement, name)
			}
		}
		s, err := compile.Compile(texts, opt)
		if err != nil {
			return
		}
		if _, err := schema.Load(s.Marshal()); err != nil {
			t.Fatalf("the compact form cannot be loaded: %v", err)
		}
		survivesResolution(t, s)
	})
}
