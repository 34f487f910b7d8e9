package vpp

import (
	"crypto/sha256"
	"os"
	"strings"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// macSeed tells this VPP from others: by the host, which of a container is the pod,
// and by the socket.
func macSeed(socket string) string {
	host, _ := os.Hostname()
	machine, _ := os.ReadFile("/etc/machine-id")
	return host + "\x00" + strings.TrimSpace(string(machine)) + "\x00" + socket
}

// ownMAC is the MAC address of a link that is made here, as long as nothing else is
// said. VPP would draw one by lot, or by the link's number; but its neighbors remember
// it, and so it is the same when the link is made again, by the next VPP too, and
// another in each VPP. It is a locally administered unicast one (IEEE 802 §8.2.2).
func (b *Backend) ownMAC(link string) object.MACAddr {
	sum := sha256.Sum256([]byte(b.macs + "\x00" + link))
	m := object.MACAddr(sum[:6])
	m[0] = m[0]&^3 | 2
	return m
}

// firstMAC is the MAC address that a link gets when it is made.
func (b *Backend) firstMAC(l *object.Link) object.MACAddr {
	if l.Kind == object.AFPacket {
		return b.ownMAC(afPacketName(l.HostLink))
	}
	return b.ownMAC(l.Name)
}

// hasOwnMAC reports whether a link that is made here has a MAC address of its own.
func hasOwnMAC(l *object.Link) bool {
	switch l.Kind {
	case object.Loopback, object.Bridge, object.Tap, object.AFPacket, object.VXLAN:
		return true
	case object.Memif:
		return l.MemifMode != object.MemifIP
	}
	return false
}
