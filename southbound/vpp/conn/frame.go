package conn

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/codec"
)

// A frame on the socket is a header of 16 octets, of which only the length of
// what follows counts, and a message: its number, then for a request the client's
// index and the context, for a reply the context.
const (
	headerLength = 16
	lengthAt     = 8

	requestHeader  = 10
	requestContext = 6
	replyHeader    = 6
	replyContext   = 2
	// frameLimit is more than VPP ever sends at once: the table of its messages
	// takes 200 kB, the description of its API some megabytes.
	frameLimit = 64 << 20
	// readBuffer holds many replies, so that one read takes them all.
	readBuffer = 1 << 16
)

// prefixLength is what comes before a message's own fields.
func prefixLength(t api.MessageType) int {
	switch t {
	case api.RequestMessage:
		return requestHeader
	case api.ReplyMessage, api.EventMessage:
		return replyHeader
	}
	return 2
}

// appendFrame appends a message to dst. On an error dst is returned as it was.
func appendFrame(dst []byte, m api.Message, id uint16, client, context uint32) (out []byte, err error) {
	was := len(dst)
	defer func() {
		// The generated code panics for a field that it cannot write.
		if p := recover(); p != nil {
			out, err = dst[:was], fmt.Errorf("%s cannot be written: %v", m.GetMessageName(), p)
		}
	}()
	coder, ok := m.(codec.Marshaler)
	if !ok {
		return dst, fmt.Errorf("%s has no code that writes it", m.GetMessageName())
	}
	prefix := prefixLength(m.GetMessageType())
	size := prefix + coder.Size()
	need := was + headerLength + size
	for cap(dst) < need {
		dst = append(dst[:cap(dst)], 0)
	}
	b := dst[was:need]
	clear(b) // the generated code leaves out what is empty
	binary.BigEndian.PutUint32(b[lengthAt:], uint32(size))
	b = b[headerLength:]
	binary.BigEndian.PutUint16(b, id)
	switch prefix {
	case requestHeader:
		binary.BigEndian.PutUint32(b[2:], client)
		binary.BigEndian.PutUint32(b[requestContext:], context)
	case replyHeader:
		binary.BigEndian.PutUint32(b[replyContext:], context)
	}
	if _, err := coder.Marshal(b[prefix:]); err != nil {
		return dst[:was], fmt.Errorf("%s: %w", m.GetMessageName(), err)
	}
	return dst[:need], nil
}

// decode reads a message, number and context included, into m.
func decode(data []byte, m api.Message) (err error) {
	defer func() {
		// The generated code panics for a message that is too short.
		if p := recover(); p != nil {
			err = fmt.Errorf("%s of %d octets cannot be read: %v", m.GetMessageName(), len(data), p)
		}
	}()
	coder, ok := m.(codec.Unmarshaler)
	if !ok {
		return fmt.Errorf("%s has no code that reads it", m.GetMessageName())
	}
	prefix := prefixLength(m.GetMessageType())
	if len(data) < prefix {
		return fmt.Errorf("%s of %d octets", m.GetMessageName(), len(data))
	}
	return coder.Unmarshal(data[prefix:])
}

// frames reads frames. What next returns holds until the next call.
type frames struct {
	r    *bufio.Reader
	idle func() // called before waiting for more
	used int
	big  []byte
}

func newFrames(r io.Reader, idle func()) *frames {
	return &frames{r: bufio.NewReaderSize(r, readBuffer), idle: idle}
}

func (f *frames) next() ([]byte, error) {
	if _, err := f.r.Discard(f.used); err != nil {
		return nil, err
	}
	f.used, f.big = 0, nil
	header, err := f.peek(headerLength)
	if err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(header[lengthAt:]))
	if n < replyHeader || n > frameLimit {
		return nil, fmt.Errorf("VPP sent a message of %d octets", n)
	}
	if headerLength+n <= f.r.Size() {
		b, err := f.peek(headerLength + n)
		if err != nil {
			return nil, err
		}
		f.used = headerLength + n
		return b[headerLength:], nil
	}
	if _, err := f.r.Discard(headerLength); err != nil {
		return nil, err
	}
	f.idle()
	// What is not there need not be kept room for.
	for len(f.big) < n {
		have := len(f.big)
		f.big = append(f.big, make([]byte, min(n-have, 1<<20))...)
		if _, err := io.ReadFull(f.r, f.big[have:]); err != nil {
			return nil, midst(err)
		}
	}
	return f.big, nil
}

func (f *frames) peek(n int) ([]byte, error) {
	if f.r.Buffered() < n {
		f.idle()
	}
	b, err := f.r.Peek(n)
	if len(b) > 0 {
		err = midst(err)
	}
	return b, err
}

// midst is the error of an end within a frame.
func midst(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
