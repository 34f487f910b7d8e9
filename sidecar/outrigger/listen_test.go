package main

import (
	"net"
	"strings"
	"testing"
)

// A socket that cannot be had is named by its flag.
func TestListenRefuses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct{ name, address, want string }{
		{socketGRPC, l.Addr().String(), "--listen: listen tcp " + l.Addr().String() + ": bind: address already in use: another program"},
		{socketNETCONF, "198.51.100.77:0", "--netconf-listen: listen tcp 198.51.100.77:0: bind: cannot assign requested address: no interface has this address"},
		{socketGRPC, "127.0.0.1:99999", "--listen: listen tcp: address 99999: invalid port"},
	} {
		if _, err := listen(nil, c.name, c.address); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.address, err, c.want)
		}
	}
}
