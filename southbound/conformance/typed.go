package conformance

import (
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// typed says of links what they are, rightly and wrongly.
func typed(t *testing.T, w World) {
	p, _ := w.Ports()
	made := w.Samples()[0].Claim
	kind := made.Object.(*object.Link).Kind
	of := func(link string, typ object.LinkType) object.Claim {
		return Link(object.Link{Name: link, Type: typ, Description: "typed"}, object.TypeAttr, object.Description)
	}
	b := NewBench(t, w, southbound.Config{})
	b.Observe()
	is := b.Read(&object.Link{Name: p}).(*object.LinkState).Kind
	port := is.Type() // an Ethernet port or a loopback, as the World has them
	wrongs := []object.LinkType{object.BridgeType, object.LoopbackType, object.EthernetType, object.TunnelType}
	before := b.State()
	refused := func(names string, claims ...object.Claim) {
		t.Helper()
		err := b.Apply(claims...)
		if err == nil {
			t.Fatalf("%s: accepted", list(claims))
		}
		f := fault.All(err)[0]
		if f.Path.Last().Name != string(object.TypeAttr) || !strings.Contains(err.Error(), names) {
			t.Errorf("%s: %v: want the leaf type as path, and %q", list(claims), err, names)
		}
		if after := b.State(); after != before {
			t.Errorf("%s: refused, and yet something has changed", list(claims))
		}
	}
	for _, typ := range wrongs {
		if !is.MayBe(typ) {
			refused(string(port), of(p, typ))
		}
	}
	b.MustApply(of(p, port))
	b.MustHave(of(p, port))
	adopts(t, b)
	b.MustApply()

	// One that is to be made is of the type of its kind.
	wrong := made
	l := *made.Object.(*object.Link)
	l.Type = object.OtherType
	wrong.Object = &l
	wrong.Add(object.TypeAttr, at(string(object.TypeAttr)))
	refused(string(kind.Type()), wrong)
	right := l
	right.Type = kind.Type()
	wrong.Object = &right
	b.MustApply(wrong)
	b.MustHave(wrong)
	adopts(t, b)
	b.MustApply()

	// Of one that comes later it shows then.
	late := of(l.Name, object.OtherType)
	b.MustApply(late)
	if got := b.Condition(late); got != object.Pending {
		t.Errorf("a link that is not there is %s, want pending", got)
	}
	w.Add(t, made.Object)
	b.Eventually("the conflict is seen", func() bool { return b.Condition(late) == object.Conflict })
	w.Remove(t, made.Object)
	b.Eventually("it waits again", func() bool { return b.Condition(late) == object.Pending })
}
