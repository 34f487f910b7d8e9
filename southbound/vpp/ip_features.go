package vpp

import "github.com/outrigger-cnf/outrigger/southbound/vpp/conn"

// ipFeatures are the messages of each kind of object.
func ipFeatures() []conn.Feature { return nil }
