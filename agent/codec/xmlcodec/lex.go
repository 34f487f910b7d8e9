package xmlcodec

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// Classes of bytes in character data and attribute values.
const (
	plain   = iota // nothing to look at
	special        // <, &, ], quotes, line ends, the start of U+FFFE and U+FFFF
	illegal        // no XML character (XML 1.0 §2.2)
)

var textClass = func() (t [256]uint8) {
	for i := range 0x20 {
		t[i] = illegal
	}
	t['\t'], t['\n'] = plain, plain
	for _, c := range []byte("<&]\r\xef") {
		t[c] = special
	}
	return t
}()

var attrClass = func() (t [256]uint8) {
	t = textClass
	t[']'] = plain
	for _, c := range []byte("\t\n\"'") {
		t[c] = special
	}
	return t
}()

// nameClass tells ASCII bytes that a name can start with (2) or go on with (1).
var nameClass = func() (t [128]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = 2, 2
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = 1
	}
	t['_'], t['-'], t['.'] = 2, 1, 1
	return t
}()

// nameRune is nameClass for other characters (XML 1.0 §2.3).
func nameRune(c rune) uint8 {
	switch {
	case c == 0xB7, c >= 0x300 && c <= 0x36F, c >= 0x203F && c <= 0x2040:
		return 1
	case c >= 0xC0 && c <= 0x2FF && c != 0xD7 && c != 0xF7,
		c >= 0x370 && c <= 0x1FFF && c != 0x37E,
		c >= 0x200C && c <= 0x200D, c >= 0x2070 && c <= 0x218F, c >= 0x2C00 && c <= 0x2FEF,
		c >= 0x3001 && c <= 0xD7FF, c >= 0xF900 && c <= 0xFDCF, c >= 0xFDF0 && c <= 0xFFFD,
		c >= 0x10000 && c <= 0xEFFFF:
		return 2
	}
	return 0
}

// ncName reads a name without a colon; it is empty where there is none.
func (r *Reader) ncName() []byte {
	start := r.pos
	for r.pos < len(r.data) {
		c := r.data[r.pos]
		class, size := uint8(0), 1
		if c < utf8.RuneSelf {
			class = nameClass[c]
		} else {
			var ru rune
			ru, size = utf8.DecodeRune(r.data[r.pos:])
			class = nameRune(ru)
		}
		if class == 0 || class == 1 && r.pos == start {
			break
		}
		r.pos += size
	}
	return r.data[start:r.pos]
}

// isNCName reports whether s is a name without a colon.
func isNCName(s string) bool {
	r := Reader{data: []byte(s)}
	return len(r.ncName()) == len(s) && s != ""
}

// qName reads [prefix:]local.
func (r *Reader) qName() (prefix, local []byte, err error) {
	local = r.ncName()
	if len(local) > 0 && r.at(':') {
		r.pos++
		prefix, local = local, r.ncName()
	}
	if len(local) == 0 || r.at(':') {
		return nil, nil, r.syntax("a name is expected")
	}
	return prefix, local, nil
}

func (r *Reader) at(c byte) bool { return r.pos < len(r.data) && r.data[r.pos] == c }

func (r *Reader) space() bool {
	start := r.pos
	for r.pos < len(r.data) && isSpace(r.data[r.pos]) {
		r.pos++
	}
	return r.pos > start
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// skip moves past s if that is next.
func (r *Reader) skip(s string) bool {
	if len(r.data)-r.pos >= len(s) && string(r.data[r.pos:r.pos+len(s)]) == s {
		r.pos += len(s)
		return true
	}
	return false
}

// until moves past the next end and returns what is before it, which has to be
// made of XML characters.
func (r *Reader) until(end, what string) ([]byte, error) {
	i := bytes.Index(r.data[r.pos:], []byte(end))
	if i < 0 {
		r.pos = len(r.data)
		return nil, r.syntax("the end of %s is missing: %s", what, end)
	}
	body := r.data[r.pos : r.pos+i]
	for j := range body {
		if textClass[body[j]] == illegal || r.nonCharacter(r.pos+j) {
			r.pos += j
			return nil, r.syntax("a character that XML does not allow")
		}
	}
	r.pos += i + len(end)
	return body, nil
}

// nonCharacter reports whether U+FFFE or U+FFFF is at i.
func (r *Reader) nonCharacter(i int) bool {
	return r.data[i] == 0xEF && i+2 < len(r.data) && r.data[i+1] == 0xBF && r.data[i+2] >= 0xBE
}

// chars reads character data up to the next start or end tag, or to the end. What
// it returns is a part of the document where nothing has to be replaced in it.
func (r *Reader) chars() ([]byte, error) {
	start := r.pos // of what is not in r.buf yet
	r.buf = r.buf[:0]
	copied := false
	flush := func() { r.buf, copied = append(r.buf, r.data[start:r.pos]...), true }
	for r.pos < len(r.data) {
		c := r.data[r.pos]
		switch textClass[c] {
		case plain:
			r.pos++
			continue
		case illegal:
			return nil, r.syntax("the character %#02x is not allowed in XML", c)
		}
		switch c {
		case ']':
			if r.skip("]]>") {
				return nil, r.syntax("]]> is not allowed in text; write ]]&gt;")
			}
			r.pos++
		case 0xEF:
			if r.nonCharacter(r.pos) {
				return nil, r.syntax("a character that XML does not allow")
			}
			r.pos++
		case '\r': // XML 1.0 §2.11: line ends are one line feed
			flush()
			r.pos++
			if !r.at('\n') {
				r.buf = append(r.buf, '\n')
			}
			start = r.pos
		case '&':
			flush()
			if err := r.reference(); err != nil {
				return nil, err
			}
			start = r.pos
		case '<':
			if r.pos+1 >= len(r.data) || r.data[r.pos+1] != '!' && r.data[r.pos+1] != '?' {
				if !copied {
					return r.data[start:r.pos], nil
				}
				flush()
				return r.buf, nil
			}
			flush()
			if err := r.markup(); err != nil {
				return nil, err
			}
			start = r.pos
		}
	}
	if !copied {
		return r.data[start:r.pos], nil
	}
	flush()
	return r.buf, nil
}

// markup skips a comment or processing instruction, and appends a CDATA section
// to r.buf.
func (r *Reader) markup() error {
	switch {
	case r.skip("<!--"):
		body, err := r.until("--", "the comment")
		if err == nil && !r.skip(">") {
			err = r.syntax("-- is not allowed in a comment")
		}
		_ = body
		return err
	case r.skip("<![CDATA["):
		if len(r.stack) == 0 {
			return r.syntax("text outside the root element")
		}
		body, err := r.until("]]>", "the CDATA section")
		r.buf = append(r.buf, normalize(body)...)
		return err
	case r.skip("<?"):
		target := r.ncName()
		if len(target) == 0 || bytes.EqualFold(target, []byte("xml")) {
			return r.syntax("a processing instruction needs a name, and it is not xml")
		}
		if !r.space() && !bytes.HasPrefix(r.data[r.pos:], []byte("?>")) {
			return r.syntax("a space or ?> is expected")
		}
		_, err := r.until("?>", "the processing instruction")
		return err
	case bytes.HasPrefix(r.data[r.pos:], []byte("<!DOCTYPE")):
		return r.syntax("a document type declaration is not allowed")
	}
	return r.syntax("<! starts neither a comment nor a CDATA section")
}

// normalize makes every line end one line feed.
func normalize(b []byte) []byte {
	if bytes.IndexByte(b, '\r') < 0 {
		return b
	}
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
}

// reference appends the character that an entity or character reference stands
// for to r.buf. Without a document type there are five entities.
func (r *Reader) reference() error {
	rest := r.data[r.pos+1:]
	end := bytes.IndexByte(rest[:min(len(rest), 12)], ';')
	if end < 0 {
		return r.syntax("& starts a reference such as &amp;; write &amp; for the character itself")
	}
	name := string(rest[:end])
	switch name {
	case "amp":
		r.buf = append(r.buf, '&')
	case "lt":
		r.buf = append(r.buf, '<')
	case "gt":
		r.buf = append(r.buf, '>')
	case "quot":
		r.buf = append(r.buf, '"')
	case "apos":
		r.buf = append(r.buf, '\'')
	default:
		c, ok := character(name)
		if !ok {
			return r.syntax("&%s; is neither a character nor one of amp, lt, gt, quot, apos", name)
		}
		r.buf = utf8.AppendRune(r.buf, c)
	}
	r.pos += 1 + end + 1
	return nil
}

// character reads #10 or #xA.
func character(name string) (rune, bool) {
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	if digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, base, 32)
	switch {
	case err != nil, n > utf8.MaxRune, n >= 0xD800 && n < 0xE000, n == 0xFFFE, n == 0xFFFF,
		n < 0x20 && n != '\t' && n != '\n' && n != '\r':
		return 0, false
	}
	return rune(n), true
}

// attrValue reads a value in quotes. White space in it is spaces (XML 1.0 §3.3.3).
func (r *Reader) attrValue() (string, error) {
	if !r.at('"') && !r.at('\'') {
		return "", r.syntax("the value of an attribute stands in quotes")
	}
	quote := r.data[r.pos]
	r.pos++
	start := r.pos
	r.buf = r.buf[:0]
	copied := false
	flush := func() { r.buf, copied = append(r.buf, r.data[start:r.pos]...), true }
	for r.pos < len(r.data) {
		c := r.data[r.pos]
		switch attrClass[c] {
		case plain:
			r.pos++
			continue
		case illegal:
			return "", r.syntax("the character %#02x is not allowed in XML", c)
		}
		switch c {
		case quote:
			value := r.data[start:r.pos]
			if copied {
				flush()
				value = r.buf
			}
			r.pos++
			return r.intern(value), nil
		case '<':
			return "", r.syntax("< is not allowed in an attribute; write &lt;")
		case '&':
			flush()
			if err := r.reference(); err != nil {
				return "", err
			}
			start = r.pos
		case '\t', '\n', '\r':
			flush()
			if !r.skip("\r\n") {
				r.pos++
			}
			r.buf = append(r.buf, ' ')
			start = r.pos
		default:
			if r.nonCharacter(r.pos) {
				return "", r.syntax("a character that XML does not allow")
			}
			r.pos++
		}
	}
	return "", r.syntax("the closing quote of an attribute is missing")
}
