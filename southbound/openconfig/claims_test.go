package openconfig_test

import (
	"flag"
	"testing"

	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/southbound/modeltest"
	"github.com/outrigger-cnf/outrigger/southbound/openconfig"
)

var update = flag.Bool("update", false, "write what the goldens should hold")

func TestClaims(t *testing.T) {
	s := gen.Schema()
	m, err := openconfig.New(s)
	if err != nil {
		t.Fatal(err)
	}
	modeltest.RunClaims(t, s, "testdata/claims/*.txtar", *update, m)
}
