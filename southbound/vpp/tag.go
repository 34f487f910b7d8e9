package vpp

import (
	"fmt"
	"strconv"
	"strings"
)

// An interface that was made here has a tag that begins with a mark, and then its
// description. Where VPP does not tell what an interface was made with, the mark
// has that too: "outrigger/1024/2048:" is a memif's, with the sizes of its rings
// and buffers.
const (
	mark    = "outrigger"
	markEnd = ":"
	// maxTag is what VPP has room for, in octets: 64 with a final NUL.
	maxTag = 63
)

// made is what a mark says beyond that the interface was made here.
type made struct {
	ring, buffer uint32 // memif; 0: not said
}

func (m made) String() string {
	if m.ring == 0 && m.buffer == 0 {
		return mark + markEnd
	}
	return fmt.Sprintf("%s/%d/%d%s", mark, m.ring, m.buffer, markEnd)
}

// cutMark takes a tag apart. ours is false, and the tag is all description, where
// there is no mark.
func cutMark(tag string) (m made, description string, ours bool) {
	rest, ok := strings.CutPrefix(tag, mark)
	if !ok {
		return made{}, tag, false
	}
	said, description, ok := strings.Cut(rest, markEnd)
	if !ok {
		return made{}, tag, false
	}
	if said == "" {
		return made{}, description, true
	}
	parts := strings.Split(said, "/")
	if len(parts) != 3 || parts[0] != "" {
		return made{}, tag, false
	}
	ring, err1 := strconv.ParseUint(parts[1], 10, 32)
	buffer, err2 := strconv.ParseUint(parts[2], 10, 16)
	m = made{ring: uint32(ring), buffer: uint32(buffer)}
	if err1 != nil || err2 != nil || m.String() != mark+said+markEnd {
		return made{}, tag, false
	}
	return m, description, true
}

// VPP gives a new interface a number, and a name with that number in it. What is
// made here takes its number from a range that nobody else's allocation comes to,
// so that one without a tag, which an agent left that was killed right after it had
// made it, is known by its name. The tag comes first, the name after it.
//
// An interface on a link of the kernel (af-packet) has no number: it is known by its
// MAC address. A VLAN has the number that its name says: what
// marks it is an inner VLAN, which a single-tagged subinterface has no use for.
const (
	reservedLow   = 8 << 10    // of numbers below 16384: loopbacks, BVIs
	reservedTap   = 4 << 10    // below 8192
	reservedWide  = 0x6f747200 // of 31 bits: VXLAN, GRE, IPIP, memif sockets
	reservedInner = 0xf72      // the inner VLAN of a VLAN
)

// numbers are a range to choose from.
type numbers struct{ from, n uint32 }

var (
	lowNumbers  = numbers{reservedLow, 8 << 10}
	tapNumbers  = numbers{reservedTap, 4 << 10}
	wideNumbers = numbers{reservedWide, 1 << 20}
)

// choose yields numbers of the range in an order that depends on the name, so that
// links find free ones of their own without asking for what is taken.
func (r numbers) choose(name string) func(yield func(uint32) bool) {
	return func(yield func(uint32) bool) {
		h := uint32(2166136261) // FNV-1a
		for i := range len(name) {
			h = (h ^ uint32(name[i])) * 16777619
		}
		step := h>>16 | 1 // odd: all of a power of two are come by
		for i := range min(r.n, 1<<14) {
			if !yield(r.from + (h+i*step)%r.n) {
				return
			}
		}
	}
}

// leftover reports whether a name is one that VPP itself gives, with a number of
// the range.
func (r numbers) leftover(name, prefix string) bool {
	digits, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return err == nil && uint32(n) >= r.from && uint32(n)-r.from < r.n && strconv.FormatUint(n, 10) == digits
}
