package vpptest

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/af_packet"
	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/memif"
)

// chance is a MAC address as VPP makes them up.
func chance() ethernet_types.MacAddress {
	n := rand.Uint32()
	return ethernet_types.MacAddress{2, 0xfe, byte(n>>24) | 1, byte(n >> 16), byte(n >> 8), byte(n)}
}

func orChance(m ethernet_types.MacAddress) ethernet_types.MacAddress {
	if m == (ethernet_types.MacAddress{}) {
		return chance()
	}
	return m
}

func (l *life) newMemif(m *memif.MemifCreateV2) (uint32, api.VPPApiError) {
	if _, ok := l.sockets[m.SocketID]; !ok || m.RingSize&(m.RingSize-1) != 0 {
		return 0, api.INVALID_ARGUMENT
	}
	for _, k := range l.links.all {
		if k == nil {
			continue
		}
		// All of a socket are of one role.
		if d, ok := k.detail.(memif.MemifDetails); ok && d.SocketID == m.SocketID && (d.ID == m.ID || d.Role != m.Role) {
			return 0, api.SUBIF_ALREADY_EXISTS
		}
	}
	k := l.links.add(l, fmt.Sprintf("memif%d/%d", m.SocketID, m.ID), "memif")
	if m.Mode == memif.MEMIF_MODE_API_ETHERNET {
		k.ethernet(orChance(m.HwAddr))
	}
	k.made = "memif"
	// Ring and buffer size are not told before somebody has connected.
	k.detail = memif.MemifDetails{ID: m.ID, Role: m.Role, Mode: m.Mode, ZeroCopy: m.Role == memif.MEMIF_ROLE_API_SLAVE && !m.NoZeroCopy, SocketID: m.SocketID, RingSize: 1}
	l.linkEvent(k, false)
	return k.index, 0
}

func (l *life) socket(add bool, id uint32, name string) (uint32, api.VPPApiError) {
	if add && id == none {
		id = l.unused()
	}
	_, have := l.sockets[id]
	switch {
	case id == 0:
		return id, api.INVALID_ARGUMENT
	case add && have:
		return id, api.ENTRY_ALREADY_EXISTS
	case add && name == "", !add && !have:
		return id, api.INVALID_ARGUMENT
	case add:
		if !filepath.IsAbs(name) {
			name = filepath.Join(l.fake.dir, name)
		}
		l.sockets[id] = name
		return id, 0
	}
	for _, k := range l.links.all {
		if k != nil {
			if d, ok := k.detail.(memif.MemifDetails); ok && d.SocketID == id {
				return id, api.UNEXPECTED_INTF_STATE
			}
		}
	}
	delete(l.sockets, id)
	return id, 0
}

func (l *life) newAFPacket(host string, mac ethernet_types.MacAddress) (uint32, api.VPPApiError) {
	if host == "" || host == "nowhere" {
		return 0, api.INVALID_INTERFACE
	}
	for _, k := range l.links.all {
		if k != nil && k.made == "af-packet" && k.detail == host {
			return k.index, api.IF_ALREADY_EXISTS
		}
	}
	k := l.links.add(l, "host-"+host, "af-packet").ethernet(orChance(mac))
	k.made, k.detail, k.carrier = "af-packet", host, true
	l.linkEvent(k, false)
	return k.index, 0
}

// deleted removes a link that a kind's own message made.
func (l *life) deleted(i interface_types.InterfaceIndex, made string, not api.VPPApiError) api.VPPApiError {
	k := l.links.get(i)
	if k == nil || k.made != made {
		return not
	}
	l.remove(k)
	return 0
}

var deviceHandlers = collect(
	on(func(l *life, _ *session, m *memif.MemifCreateV2) []api.Message {
		i, v := l.newMemif(m)
		return []api.Message{&memif.MemifCreateV2Reply{Retval: int32(v), SwIfIndex: interface_types.InterfaceIndex(i)}}
	}),
	onResult(func(l *life, m *memif.MemifDelete) api.VPPApiError {
		return l.deleted(m.SwIfIndex, "memif", api.INVALID_SW_IF_INDEX)
	}),
	on(func(l *life, _ *session, _ *memif.MemifDump) (list []api.Message) {
		for _, k := range l.links.all {
			if k == nil {
				continue
			}
			if d, ok := k.detail.(memif.MemifDetails); ok {
				d.SwIfIndex, d.HwAddr, d.IfName, d.Flags = interface_types.InterfaceIndex(k.index), k.mac, k.name, k.flags()
				list = append(list, &d)
			}
		}
		return list
	}),
	on(func(l *life, _ *session, m *memif.MemifSocketFilenameAddDelV2) []api.Message {
		id, v := l.socket(m.IsAdd, m.SocketID, m.SocketFilename)
		return []api.Message{&memif.MemifSocketFilenameAddDelV2Reply{Retval: int32(v), SocketID: id}}
	}),
	on(func(l *life, _ *session, _ *memif.MemifSocketFilenameDump) (list []api.Message) {
		for id, name := range l.sockets {
			list = append(list, &memif.MemifSocketFilenameDetails{SocketID: id, SocketFilename: name})
		}
		return list
	}),
	on(func(l *life, _ *session, m *af_packet.AfPacketCreateV3) []api.Message {
		mac := m.HwAddr
		if m.UseRandomHwAddr {
			mac = ethernet_types.MacAddress{}
		}
		i, v := l.newAFPacket(m.HostIfName, mac)
		return []api.Message{&af_packet.AfPacketCreateV3Reply{Retval: int32(v), SwIfIndex: interface_types.InterfaceIndex(i)}}
	}),
	onResult(func(l *life, m *af_packet.AfPacketDelete) api.VPPApiError {
		for _, k := range l.links.all {
			if k != nil && k.made == "af-packet" && k.detail == m.HostIfName {
				l.remove(k)
				return 0
			}
		}
		return api.SYSCALL_ERROR_1
	}),
	on(func(l *life, _ *session, _ *af_packet.AfPacketDump) (list []api.Message) {
		for _, k := range l.links.all {
			if k != nil && k.made == "af-packet" {
				list = append(list, &af_packet.AfPacketDetails{SwIfIndex: interface_types.InterfaceIndex(k.index), HostIfName: k.detail.(string)})
			}
		}
		return list
	}),
)
