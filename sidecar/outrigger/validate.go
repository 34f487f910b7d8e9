package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/gen"
)

const validateUsage = `usage: outrigger validate FILE

Checks a configuration in RFC 7951 JSON, from a file or, for -, from standard
input, against the schema: what would be refused at commit, save for what only
the dataplane can know. Exit code 1: it is not valid.
`

// validateCommand checks a file of RFC 7951 JSON, or standard input for "-",
// against the schema: what would be refused at commit, save for what only the
// dataplane can know.
func validateCommand(args []string, stdin io.Reader, stdout io.Writer) error {
	args, err := noFlags(validateUsage, args)
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return usageError{errors.New("validate takes one file of RFC 7951 JSON, or - for standard input")}
	}
	text, err := readInput(args[0], stdin)
	if err != nil {
		return err
	}
	s := gen.Schema()
	t, err := decodeConfig(s, text)
	if err == nil {
		var v *validate.Validator
		if v, err = validate.New(s); err != nil {
			return err
		}
		err = v.All(t)
	}
	if err != nil {
		var lines []string
		for _, e := range fault.All(err) {
			lines = append(lines, e.Error())
		}
		return fmt.Errorf("%s is not valid:\n%s", args[0], strings.Join(lines, "\n"))
	}
	_, err = fmt.Fprintf(stdout, "%s is valid\n", args[0])
	return err
}

func readInput(name string, stdin io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}

// decodeConfig reads a whole configuration.
func decodeConfig(s *schema.Schema, text []byte) (tree.Tree, error) {
	root, err := jsoncodec.Decode(text, s.Root, nil, jsoncodec.DecodeOptions{Config: true})
	if err != nil {
		return tree.Tree{}, err
	}
	return tree.FromRoot(s, root), nil
}
