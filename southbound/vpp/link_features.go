package vpp

import "github.com/outrigger-cnf/outrigger/southbound/vpp/conn"

// linkFeatures are the messages of each kind of object.
func linkFeatures() []conn.Feature { return nil }
