package translate

import (
	"strconv"
	"strings"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Subinterface returns the name of the link that a subinterface is: 0 is the
// interface itself, any other a VLAN on it whose name is made of both.
func Subinterface(link string, index uint32) string {
	if index == 0 {
		return link
	}
	return link + "." + strconv.FormatUint(uint64(index), 10)
}

// SubinterfaceOf returns the interface that a link is a subinterface of, and its
// index there: a VLAN that is named so is one of its parent. Any other link is
// an interface, with itself as subinterface 0, and so is a VLAN on a VLAN, for a
// subinterface has none.
func SubinterfaceOf(l *object.LinkState) (link string, index uint32) {
	if l.Kind != object.VLAN {
		return l.Name, 0
	}
	parent, index, ok := CutSubinterface(l.Name)
	if !ok || parent != l.Parent {
		return l.Name, 0
	}
	if _, _, nested := CutSubinterface(parent); nested {
		return l.Name, 0
	}
	return parent, index
}

// CutSubinterface takes a name apart that Subinterface may have made of an index
// other than 0.
func CutSubinterface(name string) (link string, index uint32, ok bool) {
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 {
		return "", 0, false
	}
	n, err := strconv.ParseUint(name[dot+1:], 10, 32)
	if err != nil || n == 0 || Subinterface(name[:dot], uint32(n)) != name {
		return "", 0, false
	}
	return name[:dot], uint32(n), true
}
