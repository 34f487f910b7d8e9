package vpp_test

import (
	"fmt"
	"testing"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/l2"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// BenchmarkLink does something with one link beside many.
func BenchmarkLink(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { beside(b, n) })
	}
}

func beside(b *testing.B, n int) {
	backend, other := benchOn(b, n, vpptest.Large)
	do := func(o object.Object, undo bool) {
		s := making(o)
		if undo {
			s = removing(o)
		}
		if err := backend.Do(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
	one := &object.Link{Name: "one", Kind: object.Loopback}
	at := address("one", "192.0.2.1/24")
	read := func(o object.Object) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				if s, err := backend.Read(b.Context(), o); err != nil || s == nil {
					b.Fatal(s, err)
				}
			}
		}
	}
	b.Run("make and delete", func(b *testing.B) {
		for b.Loop() {
			do(one, false)
			do(one, true)
		}
	})
	do(one, false)
	b.Run("read", read(one))
	b.Run("an address", func(b *testing.B) {
		for b.Loop() {
			do(at, false)
			do(at, true)
		}
	})
	do(at, false)
	b.Run("read an address", read(at))
	for i := range uint32(n) {
		var m api.Message = &l2.BridgeDomainAddDelV2{BdID: 1 + i, IsAdd: true, Flood: true, Forward: true, Learn: true}
		other.Do(b, m)
	}
	b.Run("read beside bridges", read(one))
}
