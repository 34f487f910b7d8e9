package netconf

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// endOfMessage ends a message of base:1.0 and every hello (RFC 6242 §4.3).
const endOfMessage = "]]>]]>"

// maxChunk is the largest chunk-size that RFC 6242 §4.2 allows.
const maxChunk = math.MaxUint32

// errTooBig says that a message is larger than the limit. The rest of it is
// still in the transport, so the session cannot go on.
var errTooBig = errors.New("the message is larger than this server accepts")

// framingError is a violation of the chunked framing. Message boundaries are
// lost with it, so the session cannot go on (RFC 6242 §4.2).
type framingError struct{ what string }

func (e *framingError) Error() string { return "chunked framing: " + e.what }

// messageReader takes messages off a transport. It begins with the
// end-of-message framing, in which hellos are exchanged; chunked switches to
// RFC 6242 §4.2 framing once both peers have said base:1.1.
type messageReader struct {
	in      *bufio.Reader
	max     int
	chunked bool
}

func newMessageReader(r io.Reader, max int) *messageReader {
	return &messageReader{in: bufio.NewReaderSize(r, 64<<10), max: max}
}

// next appends the next message to dst, which may be nil. It returns io.EOF
// where the transport ends between messages, io.ErrUnexpectedEOF where it ends
// inside one, errTooBig, a *framingError, or the transport's error.
func (m *messageReader) next(dst []byte) ([]byte, error) {
	if m.chunked {
		return m.nextChunked(dst)
	}
	return m.nextMarked(dst)
}

// nextMarked reads up to the end-of-message marker.
func (m *messageReader) nextMarked(dst []byte) ([]byte, error) {
	start := len(dst)
	for {
		// The marker ends with '>', so it can only end where ReadSlice stops.
		part, err := m.in.ReadSlice('>')
		dst = append(dst, part...)
		if bytes.HasSuffix(dst[start:], []byte(endOfMessage)) {
			dst = dst[:len(dst)-len(endOfMessage)]
			if len(dst)-start > m.max {
				return dst, errTooBig
			}
			return dst, nil
		}
		if len(dst)-start > m.max+len(endOfMessage) {
			return dst, errTooBig
		}
		switch {
		case err == nil, errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(bytes.TrimSpace(dst[start:])) > 0:
			return dst, io.ErrUnexpectedEOF
		default:
			return dst, err
		}
	}
}

// nextChunked reads chunks up to the end-of-chunks marker. Line feeds before
// the first chunk are skipped: some clients end their hello with one.
func (m *messageReader) nextChunked(dst []byte) ([]byte, error) {
	start := len(dst)
	for first := true; ; first = false {
		size, last, err := m.chunkHeader(first)
		if err != nil {
			if errors.Is(err, io.EOF) && !first {
				err = io.ErrUnexpectedEOF
			}
			return dst, err
		}
		if last {
			return dst, nil
		}
		if size > uint64(m.max-(len(dst)-start)) {
			return dst, errTooBig
		}
		if dst, err = appendFrom(dst, m.in, int(size)); err != nil {
			return dst, err
		}
	}
}

// chunkHeader reads LF HASH chunk-size LF, or the LF HASH HASH LF that ends a
// message. io.EOF means that the transport ended before the first octet, or
// after nothing but skipped line feeds.
func (m *messageReader) chunkHeader(first bool) (size uint64, last bool, err error) {
	c, err := m.in.ReadByte()
	if err != nil {
		return 0, false, err
	}
	if c != '\n' {
		return 0, false, &framingError{fmt.Sprintf("%q where a line feed must begin a chunk", c)}
	}
	for c == '\n' {
		if c, err = m.in.ReadByte(); err != nil {
			return 0, false, err
		}
		if !first {
			break
		}
	}
	if c != '#' {
		return 0, false, &framingError{fmt.Sprintf("%q where '#' must follow the line feed", c)}
	}
	digits := 0
	for {
		if c, err = m.in.ReadByte(); err != nil {
			return 0, false, unexpected(err)
		}
		switch {
		case c == '#' && digits == 0:
			if c, err = m.in.ReadByte(); err != nil {
				return 0, false, unexpected(err)
			}
			if c != '\n' {
				return 0, false, &framingError{fmt.Sprintf("%q where a line feed must end the end-of-chunks marker", c)}
			}
			if first {
				return 0, false, &framingError{"a message must have at least one chunk"}
			}
			return 0, true, nil
		case c == '\n' && digits > 0:
			return size, false, nil
		case c == '0' && digits == 0:
			return 0, false, &framingError{"a chunk-size must not begin with 0"}
		case c < '0' || c > '9':
			return 0, false, &framingError{fmt.Sprintf("%q in a chunk-size, which is decimal", c)}
		}
		size = size*10 + uint64(c-'0')
		if digits++; size > maxChunk {
			return 0, false, &framingError{"a chunk-size must not be larger than 4294967295"}
		}
	}
}

// appendFrom appends n octets of r. It grows dst as they arrive, so that a peer
// that only announces a large chunk costs nothing.
func appendFrom(dst []byte, r io.Reader, n int) ([]byte, error) {
	const step = 1 << 20
	for n > 0 {
		k := min(n, max(step, cap(dst)-len(dst)))
		if free := cap(dst) - len(dst); free < k {
			grown := make([]byte, len(dst), max(2*cap(dst), len(dst)+k))
			copy(grown, dst)
			dst = grown
		}
		got, err := io.ReadFull(r, dst[len(dst):len(dst)+k])
		dst = dst[:len(dst)+got]
		if err != nil {
			return dst, unexpected(err)
		}
		n -= k
	}
	return dst, nil
}

// unexpected turns an end of input inside a message into io.ErrUnexpectedEOF.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// headRoom is how many octets a frame must leave free before a message for
// seal to put the chunk header there.
const headRoom = len("\n#4294967295\n")

// seal frames the message that follows the first headRoom octets of buf, in
// place, and returns the octets to send.
func seal(buf []byte, chunked bool) []byte {
	if !chunked {
		return append(buf, endOfMessage...)[headRoom:]
	}
	var head [headRoom]byte
	h := append(head[:0], '\n', '#')
	h = strconv.AppendInt(h, int64(len(buf)-headRoom), 10)
	h = append(h, '\n')
	copy(buf[headRoom-len(h):], h)
	return append(buf, "\n##\n"...)[headRoom-len(h):]
}

// neutralize makes the XML text after the first headRoom octets safe for clients
// that are not careful, by character references, which say the same to an XML
// parser:
//
//   - no line begins with '#', for some look for "\n##\n" and "\n#N\n" without
//     counting octets;
//   - all is ASCII, for some decode what has arrived so far as UTF-8, and fail
//     where that ends inside a character;
//   - no end-of-message marker (serialisers write '>' as an entity; this is the
//     second line of defense).
//
// That is right anywhere in text and in the values of attributes, but not in names.
func neutralize(buf []byte) []byte {
	body := buf[headRoom:]
	if bytes.Contains(body, []byte("\n#")) || bytes.Contains(body, []byte(endOfMessage)) {
		body = bytes.ReplaceAll(body, []byte("\n#"), []byte("\n&#35;"))
		body = bytes.ReplaceAll(body, []byte(endOfMessage), []byte("]]&gt;]]&gt;"))
		buf = append(buf[:headRoom:headRoom], body...)
	}
	if notASCII(buf[headRoom:]) {
		return references(buf)
	}
	return buf
}

// notASCII reports whether there is an octet that is not ASCII.
func notASCII(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.NativeEndian.Uint64(b)&0x8080808080808080 != 0 {
			return true
		}
	}
	return slices.ContainsFunc(b, func(c byte) bool { return c >= utf8.RuneSelf })
}

// references returns buf with character references for all that is not ASCII, save
// in names, where there are none: the attributes of <rpc>, which are echoed, may
// have any name that XML allows.
func references(buf []byte) []byte {
	out := append(make([]byte, 0, len(buf)+len(buf)/8), buf[:headRoom]...)
	var tag bool   // between '<' and '>'
	var quote byte // around the value of an attribute
	for rest := buf[headRoom:]; len(rest) > 0; {
		c := rest[0]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(rest)
			if tag && quote == 0 {
				out = append(out, rest[:size]...)
			} else {
				out = append(out, "&#"...)
				out = strconv.AppendInt(out, int64(r), 10)
				out = append(out, ';')
			}
			rest = rest[size:]
			continue
		}
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case !tag:
			tag = c == '<'
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			tag = false
		}
		out = append(out, c)
		rest = rest[1:]
	}
	return out
}
