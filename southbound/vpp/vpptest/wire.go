package vpptest

import (
	"encoding/binary"
	"fmt"
	"io"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/codec"
)

// The frame of VPP's binary API on a socket: 16 octets, of which 8 to 11 are the
// length of what follows, then the message: its number, for a request the
// client's index, and the context that a reply repeats.
const (
	frameSize = 16
	mostBytes = 8 << 20 // more than any message has
)

// readFrame reads one message.
func readFrame(r io.Reader) ([]byte, error) {
	var head [frameSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[8:])
	if n < 6 || n > mostBytes {
		return nil, fmt.Errorf("a frame of %d octets", n)
	}
	data := make([]byte, n)
	_, err := io.ReadFull(r, data)
	return data, err
}

// appendFrame appends a message to dst. The client's index stands only where the
// message has a place for it.
func appendFrame(dst []byte, m api.Message, id uint16, client, context uint32) ([]byte, error) {
	data, err := codec.EncodeMsg(m, id)
	if err != nil {
		return dst, err
	}
	switch m.GetMessageType() {
	case api.RequestMessage:
		binary.BigEndian.PutUint32(data[2:], client)
		binary.BigEndian.PutUint32(data[6:], context)
	case api.EventMessage:
		binary.BigEndian.PutUint32(data[2:], client)
	default:
		binary.BigEndian.PutUint32(data[2:], context)
	}
	var head [frameSize]byte
	binary.BigEndian.PutUint32(head[8:], uint32(len(data)))
	return append(append(dst, head[:]...), data...), nil
}

// contextOf returns the context of a message that was read.
func contextOf(data []byte, kind api.MessageType) uint32 {
	at := 2
	if kind == api.RequestMessage {
		at = 6
	}
	if len(data) < at+4 {
		return 0
	}
	return binary.BigEndian.Uint32(data[at:])
}

func idOf(data []byte) uint16 { return binary.BigEndian.Uint16(data) }
