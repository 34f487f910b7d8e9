package soak

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// kernel is what a network namespace holds: for each object a line that says all
// of it that matters. Objects that the kernel makes of itself are left out:
// link-local addresses, connected routes, learnt neighbors.
type kernel struct {
	links     map[string]kernelLink
	addresses map[string]string // "net1 10.0.0.1" → prefix length
	neighbors map[string]string // "net1 10.0.0.9" → MAC
	routes    map[string]string // "10.0.0.0/8 metric 0" → type, next hops
	foreign   map[string]string // routes of other protocols
	settings  map[string]string // "inet net1 forwarding" → value
}

type kernelLink struct {
	mtu                        uint32
	up                         bool
	mac, alias, master, detail string
}

// witness is iproute2, as long as the test runs, for asking costs less then. It
// is for one goroutine.
type witness struct {
	ns             *namespace
	any, four, six *asking
}

// asking is one process of it.
type asking struct {
	in  io.WriteCloser
	out *json.Decoder
}

func newWitness(t *testing.T, ns *namespace) *witness {
	t.Helper()
	return &witness{ns, newAsking(t, ns), newAsking(t, ns, "-4"), newAsking(t, ns, "-6")}
}

func newAsking(t *testing.T, ns *namespace, flags ...string) *asking {
	t.Helper()
	cmd := exec.Command("ip", append(flags, "-n", ns.name, "-j", "-d", "-force", "-batch", "-")...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &asking{in, json.NewDecoder(out)}
}

func (a *asking) ask(question string) error {
	_, err := io.WriteString(a.in, question)
	return err
}

type ipLink struct {
	Name      string `json:"ifname"`
	Peer      string `json:"link"`
	Flags     []string
	MTU       uint32
	Master    string
	Alias     string `json:"ifalias"`
	MAC       string `json:"address"`
	Addresses []struct {
		Local  string
		Length int `json:"prefixlen"`
		Scope  string
	} `json:"addr_info"`
	Info struct {
		Kind  string `json:"info_kind"`
		Slave struct {
			State string
		} `json:"info_slave_data"`
		Data struct {
			Mode     string
			Link     string
			ID       uint32
			Port     uint16
			Remote   string
			Remote6  string
			Local    string
			Local6   string
			TTL      any
			Learning *bool
			STP      int `json:"stp_state"`
			Ageing   int `json:"ageing_time"`
			Type     string
		} `json:"info_data"`
	} `json:"linkinfo"`
}

type ipNeighbor struct {
	Dst, Dev, LLAddr string
	State            []string
}

type ipRoute struct {
	Type, Dst, Gateway, Dev, Protocol, Table string
	Metric                                   uint32
	NextHops                                 []struct {
		Gateway, Dev string
		Weight       int
	}
}

type ipNetconf struct {
	Family, Interface string
	Forwarding        bool
}

// look reads all that there is.
func (w *witness) look() (*kernel, error) {
	if err := w.any.ask("address show\nneighbor show nud permanent\nnetconf show\n"); err != nil {
		return nil, err
	}
	for _, a := range []*asking{w.four, w.six} {
		if err := a.ask("route show table all\n"); err != nil {
			return nil, err
		}
	}
	var (
		links     []ipLink
		neighbors []ipNeighbor
		settings  []ipNetconf
		v4, v6    []ipRoute
	)
	for _, into := range []any{&links, &neighbors, &settings} {
		if err := w.any.out.Decode(into); err != nil {
			return nil, fmt.Errorf("ip: %w", err)
		}
	}
	if err := errors.Join(w.four.out.Decode(&v4), w.six.out.Decode(&v6)); err != nil {
		return nil, fmt.Errorf("ip: %w", err)
	}
	k := &kernel{
		links: map[string]kernelLink{}, addresses: map[string]string{}, neighbors: map[string]string{},
		routes: map[string]string{}, foreign: map[string]string{}, settings: map[string]string{},
	}
	for _, l := range links {
		k.links[l.Name] = kernelLink{
			mtu: l.MTU, up: l.has("UP"), mac: l.MAC, alias: l.Alias, master: l.Master, detail: l.detail(),
		}
		for _, a := range l.Addresses {
			if ip, err := netip.ParseAddr(a.Local); err == nil && !ip.IsLoopback() && !(ip.Is6() && a.Scope == "link") {
				k.addresses[l.Name+" "+a.Local] = fmt.Sprint(a.Length)
			}
		}
	}
	for _, n := range neighbors {
		if ip, err := netip.ParseAddr(n.Dst); err == nil && !ip.IsMulticast() {
			k.neighbors[n.Dev+" "+n.Dst] = n.LLAddr
		}
	}
	for _, s := range settings {
		k.settings[s.Family+" "+s.Interface+" forwarding"] = fmt.Sprint(s.Forwarding)
	}
	w.ns.do(func() {
		for name := range k.links {
			for file, as := range map[string]string{"disable_ipv6": "disabled", "mtu": "mtu"} {
				text, err := os.ReadFile("/proc/sys/net/ipv6/conf/" + name + "/" + file)
				if err == nil {
					k.settings["inet6 "+name+" "+as] = strings.TrimSpace(string(text))
				}
			}
		}
	})
	for _, r := range v4 {
		k.route(&r, false)
	}
	for _, r := range v6 {
		k.route(&r, true)
	}
	return k, nil
}

// busy says what the kernel has yet to do of itself: a bridge's port learns for a
// while before the bridge has a carrier, links above follow one another with a delay,
// and duplicate address detection waits for the carrier. What passes something on is
// looked at first.
func (w *witness) busy() (string, error) {
	if err := w.any.ask("link show\naddress show tentative\n"); err != nil {
		return "", err
	}
	var links, tentative []ipLink
	for _, into := range []any{&links, &tentative} {
		if err := w.any.out.Decode(into); err != nil {
			return "", fmt.Errorf("ip: %w", err)
		}
	}
	carrier := make(map[string]bool) // of links that are up
	for _, l := range links {
		if l.has("UP") {
			carrier[l.Name] = l.has("LOWER_UP")
		}
	}
	for _, l := range links {
		above, up := carrier[l.Name]
		below, known := carrier[l.Peer]
		switch state := l.Info.Slave.State; {
		case state == "listening" || state == "learning":
			return "port " + l.Name + " is " + state, nil
		case up && above == l.has("NO-CARRIER"):
			return "link " + l.Name + " has not told of its carrier", nil
		case up && l.Info.Kind == "macvlan" && known && above != below:
			return "link " + l.Name + " has yet to follow " + l.Peer, nil
		}
	}
	for _, l := range tentative {
		if len(l.Addresses) > 0 && l.has("LOWER_UP") {
			return "addresses of " + l.Name + " are tentative", nil
		}
	}
	return "", nil
}

func (l *ipLink) has(flag string) bool { return slices.Contains(l.Flags, flag) }

// ours is the protocol number that marks the agent's routes.
const ours = "171"

func (k *kernel) route(r *ipRoute, six bool) {
	if r.Protocol == "kernel" || r.Type == "multicast" {
		return
	}
	dst := r.Dst
	switch {
	case dst == "default" && six:
		dst = "::/0"
	case dst == "default":
		dst = "0.0.0.0/0"
	case !strings.Contains(dst, "/") && six:
		dst += "/128"
	case !strings.Contains(dst, "/"):
		dst += "/32"
	}
	id := fmt.Sprintf("%s metric %d", dst, r.Metric)
	if r.Table != "" && r.Table != "main" {
		id += " table " + r.Table
	}
	if r.Protocol != ours {
		k.foreign[id+" protocol "+r.Protocol] = routeText(r)
		return
	}
	k.routes[id] = routeText(r)
}

func routeText(r *ipRoute) string {
	if r.Type == "blackhole" {
		return r.Type
	}
	hops := []string{strings.TrimSpace(r.Gateway + " " + r.Dev)}
	if len(r.NextHops) > 0 {
		hops = nil
		for _, h := range r.NextHops {
			hops = append(hops, strings.TrimSpace(h.Gateway+" "+h.Dev))
		}
	}
	slices.Sort(hops)
	return r.Type + " " + strings.Join(hops, ", ")
}

// withoutBridgeMACs is k without what the kernel makes up by itself: a bridge has
// the address of one of its ports and, once they have left, none.
func (k *kernel) withoutBridgeMACs() *kernel {
	c := *k
	c.links = maps.Clone(k.links)
	for name, l := range c.links {
		if strings.HasPrefix(l.detail, "bridge") {
			l.mac = ""
			c.links[name] = l
		}
	}
	return &c
}

func (l *ipLink) detail() string {
	d := &l.Info.Data
	switch l.Info.Kind {
	case "veth":
		return "veth " + l.Peer
	case "macvlan":
		return "macvlan " + l.Peer + " " + d.Mode
	case "vxlan":
		return fmt.Sprintf("vxlan %d port %d local %s remote %s parent %s ttl %v learning %v", d.ID, d.Port, d.Local+d.Local6, d.Remote+d.Remote6, d.Link, d.TTL, d.Learning != nil && *d.Learning)
	case "bridge":
		return fmt.Sprintf("bridge stp %d", d.STP)
	case "tun":
		return "tun " + d.Type
	}
	return l.Info.Kind
}
