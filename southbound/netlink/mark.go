package netlink

import (
	"strconv"
	"strings"
)

// A link carries a mark at the beginning of its alias: "outrigger:" if it was made
// with DefaultProtocol, and "outrigger-N:" if with another number N.
const markName, markEnd = "outrigger", ":"

// mark is what the alias of a link begins with that an agent with a protocol
// number has made.
func mark(protocol uint8) string {
	if protocol == DefaultProtocol {
		return markName + markEnd
	}
	return markName + "-" + strconv.Itoa(int(protocol)) + markEnd
}

// cutMark returns the number of the agent that an alias is marked with, and the
// description that follows; 0 and the alias where there is no mark.
func cutMark(alias string) (protocol uint8, description string) {
	rest, ok := strings.CutPrefix(alias, markName)
	if !ok {
		return 0, alias
	}
	number, description, ok := strings.Cut(rest, markEnd)
	if !ok {
		return 0, alias
	}
	if number == "" {
		return DefaultProtocol, description
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(number, "-"), 10, 8)
	if err != nil || n == 0 || !strings.HasPrefix(alias, mark(uint8(n))) {
		return 0, alias
	}
	return uint8(n), description
}

// creating is the link group of a link between its creation and its alias. A
// link that is found in it is left over from a process that was killed there.
func creating(protocol uint8) uint32 {
	const byDefault = 0x6f747267
	return byDefault - DefaultProtocol + uint32(protocol)
}

// own finds out whether the link was made by the agent with a protocol number. The
// mark of another agent is left in the description.
func (r *rawLink) own(protocol uint8) {
	s := &r.state
	if by, description := cutMark(r.alias); by == protocol {
		s.Owned, s.Description = true, description
		return
	}
	s.Owned, s.Description = r.group == creating(protocol), r.alias
}
