package vpptest

import "go.fd.io/govpp/binapi/interface_types"

type (
	bridges       struct{}
	tunnels       struct{}
	tables        struct{}
	neighborKey   struct{}
	neighborEntry struct{}
	stack         struct{}
	bridgePort    struct{}
)

func (*bridges) begin()            {}
func (*tunnels) begin()            {}
func (*tables) begin()             {}
func (l *life) ipBegin(*link)      {}
func (l *life) ipEnd(*link)        {}
func (l *life) leaveBridge(*link)  {}
func (l *life) flagsChanged(*link) {}

var _ interface_types.InterfaceIndex

var subHandlers, l2Handlers, deviceHandlers, tunnelHandlers, tableHandlers, addressHandlers, routeHandlers, neighborHandlers handlerMap
