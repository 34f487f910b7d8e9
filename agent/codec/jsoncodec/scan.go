package jsoncodec

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// scanner reads one JSON text (RFC 8259) from memory. It accepts what
// encoding/json.Valid accepts, if it is UTF-8.
type scanner struct {
	data     []byte
	pos      int
	maxDepth int
	buf      []byte // for strings with escapes
}

// syntax says what is not JSON, and where.
func (s *scanner) syntax(format string, args ...any) error {
	before := s.data[:min(s.pos, len(s.data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fault.New(fault.MalformedMessage, nil, "JSON line %d, column %d: %s", line, column, fmt.Sprintf(format, args...))
}

// peek skips white space and returns the byte that is next, zero at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\n', '\t', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// is skips white space and c, if that is next.
func (s *scanner) is(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// found describes what is next, for messages.
func (s *scanner) found() string {
	switch c := s.peek(); {
	case s.pos >= len(s.data):
		return "the end"
	case c == '"':
		return "a string"
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '-' || c >= '0' && c <= '9':
		return "a number"
	case c == 't' || c == 'f':
		return "true or false"
	case c == 'n':
		return "null"
	default:
		r, _ := utf8.DecodeRune(s.data[s.pos:])
		return fmt.Sprintf("%q", r)
	}
}

// end checks that nothing but white space is left.
func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.data) {
		return s.syntax("%s behind the value", s.found())
	}
	return nil
}

// more reads on in an object or array that close ends, of which n members were
// read, and reports whether there is one more.
func (s *scanner) more(n int, end byte) (bool, error) {
	switch c := s.peek(); {
	case c == end && s.pos < len(s.data):
		s.pos++
		return false, nil
	case n == 0:
		return true, nil
	case c != ',':
		return false, s.syntax("%s where , or %c is expected", s.found(), end)
	}
	s.pos++
	if s.peek() == end {
		return false, s.syntax("%c behind a comma", end)
	}
	return true, nil
}

// name reads the name of a member and the colon.
func (s *scanner) name() ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.syntax("%s where a name is expected", s.found())
	}
	name, err := s.str()
	if err != nil {
		return nil, err
	}
	if !s.is(':') {
		return nil, s.syntax("%s where : is expected", s.found())
	}
	return name, nil
}

// str reads the string that is next. The result is valid until the next one is
// read. A surrogate without its other half is an error: it is no character.
func (s *scanner) str() ([]byte, error) {
	s.pos++ // "
	start := s.pos
	ascii := true
	for i := start; i < len(s.data); i++ {
		c := s.data[i]
		switch {
		case c == '"':
			s.pos = i + 1
			return s.checked(s.data[start:i], ascii)
		case c == '\\':
			return s.escaped(start, i)
		case c < 0x20:
			s.pos = i
			return nil, s.syntax("the control character %#02x in a string; escape it", c)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	s.pos = len(s.data)
	return nil, s.syntax("the end of a string is missing")
}

func (s *scanner) checked(b []byte, ascii bool) ([]byte, error) {
	if !ascii && !utf8.Valid(b) {
		return nil, s.syntax("a string is not in UTF-8")
	}
	return b, nil
}

// escaped is str from the first backslash on.
func (s *scanner) escaped(start, backslash int) ([]byte, error) {
	s.buf = append(s.buf[:0], s.data[start:backslash]...)
	s.pos = backslash
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		switch {
		case c == '"':
			s.pos++
			return s.checked(s.buf, false)
		case c < 0x20:
			return nil, s.syntax("the control character %#02x in a string; escape it", c)
		case c != '\\':
			s.buf = append(s.buf, c)
			s.pos++
			continue
		}
		r, err := s.escape()
		if err != nil {
			return nil, err
		}
		if utf16.IsSurrogate(r) {
			second := rune(0)
			if bytes.HasPrefix(s.data[s.pos:], []byte(`\u`)) {
				if second, err = s.escape(); err != nil {
					return nil, err
				}
			}
			if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
				return nil, s.syntax("half of a surrogate pair is no character")
			}
		}
		s.buf = utf8.AppendRune(s.buf, r)
	}
	return nil, s.syntax("the end of a string is missing")
}

// escape reads one escape sequence.
func (s *scanner) escape() (rune, error) {
	if s.pos+1 >= len(s.data) {
		s.pos = len(s.data)
		return 0, s.syntax("the end of a string is missing")
	}
	c := s.data[s.pos+1]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.unicode()
	default:
		return 0, s.syntax("\\%c is no escape sequence", c)
	}
	s.pos += 2
	return rune(c), nil
}

func (s *scanner) unicode() (rune, error) {
	if s.pos+6 > len(s.data) {
		return 0, s.syntax(`\u has four hexadecimal digits`)
	}
	var r rune
	for _, c := range s.data[s.pos+2 : s.pos+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, s.syntax(`\u has four hexadecimal digits`)
		}
		r = r<<4 | rune(c)
	}
	s.pos += 6
	return r, nil
}

// number reads a number (RFC 8259 §6).
func (s *scanner) number() ([]byte, error) {
	start := s.pos
	if s.pos < len(s.data) && s.data[s.pos] == '-' {
		s.pos++
	}
	switch {
	case s.pos < len(s.data) && s.data[s.pos] == '0':
		s.pos++
	case !s.digits():
		return nil, s.syntax("a number starts with a digit")
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if !s.digits() {
			return nil, s.syntax("a digit is expected behind the point")
		}
	}
	if s.pos < len(s.data) && s.data[s.pos]|0x20 == 'e' {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		if !s.digits() {
			return nil, s.syntax("a digit is expected in the exponent")
		}
	}
	return s.data[start:s.pos], nil
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}

// literal reads true, false or null.
func (s *scanner) literal() ([]byte, error) {
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(s.data[s.pos:], []byte(word)) {
			s.pos += len(word)
			return s.data[s.pos-len(word) : s.pos], nil
		}
	}
	return nil, s.syntax("%s where a value is expected", s.found())
}

// skip reads a value of any kind, around which there are depth objects and
// arrays, and returns it as it stands.
func (s *scanner) skip(depth int) ([]byte, error) {
	c := s.peek()
	start := s.pos
	var err error
	switch {
	case c == '{' || c == '[':
		err = s.skipInside(c, depth)
	case c == '"':
		err = s.skipString()
	case c == '-' || c >= '0' && c <= '9':
		_, err = s.number()
	default:
		_, err = s.literal()
	}
	return s.data[start:s.pos], err
}

// skipInside is skip for an object or array.
func (s *scanner) skipInside(open byte, depth int) error {
	if depth >= s.maxDepth {
		return fault.New(fault.TooBig, nil, "the JSON is nested deeper than %d", s.maxDepth)
	}
	s.pos++
	end := open + 2 // in ASCII, for both
	for n := 0; ; n++ {
		more, err := s.more(n, end)
		if err != nil || !more {
			return err
		}
		if open == '{' {
			if s.peek() != '"' {
				return s.syntax("%s where a name is expected", s.found())
			}
			if err := s.skipString(); err != nil {
				return err
			}
			if !s.is(':') {
				return s.syntax("%s where : is expected", s.found())
			}
		}
		if _, err := s.skip(depth + 1); err != nil {
			return err
		}
	}
}

// skipString reads a string that nobody looks at: half a surrogate pair may stand
// in it, as in any JSON text.
func (s *scanner) skipString() error {
	start := s.pos
	s.pos++
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			if !utf8.Valid(s.data[start:s.pos]) {
				return s.syntax("a string is not in UTF-8")
			}
			return nil
		case c == '\\':
			if _, err := s.escape(); err != nil {
				return err
			}
		case c < 0x20:
			return s.syntax("the control character %#02x in a string; escape it", c)
		default:
			s.pos++
		}
	}
	return s.syntax("the end of a string is missing")
}
