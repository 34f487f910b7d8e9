package netconf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestChunkedFraming(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
		err      string // of what follows; io.EOF's where empty
	}{
		{name: "one chunk", in: "\n#4\nabcd\n##\n", want: []string{"abcd"}},
		{name: "many chunks", in: "\n#1\na\n#2\nbc\n#1\n\n\n##\n", want: []string{"abc\n"}},
		{name: "two messages", in: "\n#1\na\n##\n\n#1\nb\n##\n", want: []string{"a", "b"}},
		{name: "line feeds before a message", in: "\n\n\n#1\na\n##\n\n\n#1\nb\n##\n", want: []string{"a", "b"}},
		{name: "line feeds at the end", in: "\n#1\na\n##\n\n\n", want: []string{"a"}},
		{name: "framing in the data", in: "\n#12\n\n##\n]]>]]>\n#\n##\n", want: []string{"\n##\n]]>]]>\n#"}},
		{name: "size zero", in: "\n#0\n\n##\n", err: "must not begin with 0"},
		{name: "leading zero", in: "\n#04\nabcd\n##\n", err: "must not begin with 0"},
		{name: "size too large", in: "\n#4294967296\nabcd", err: "4294967295"},
		{name: "size far too large", in: "\n#99999999999999999999999\nabcd", err: "4294967295"},
		{name: "largest size", in: "\n#4294967295\nabcd", err: errTooBig.Error()},
		{name: "old framing", in: "<rpc/>]]>]]>", err: "line feed must begin"},
		{name: "no digits", in: "\n#\nabcd\n##\n", err: "in a chunk-size"},
		{name: "a letter", in: "\n#4a\nabcd\n##\n", err: "in a chunk-size"},
		{name: "a sign", in: "\n#+4\nabcd\n##\n", err: "in a chunk-size"},
		{name: "carriage return", in: "\r\n#4\r\nabcd\r\n##\r\n", err: "line feed must begin"},
		{name: "no chunk", in: "\n##\n", err: "at least one chunk"},
		{name: "bad end", in: "\n#1\na\n##x", err: "end the end-of-chunks"},
		{name: "line feeds between chunks", in: "\n#1\na\n\n#1\nb\n##\n", err: "'#' must follow"},
		{name: "chunk longer than said", in: "\n#1\nab\n##\n", err: "line feed must begin"},
		{name: "cut in the header", in: "\n#1", err: io.ErrUnexpectedEOF.Error()},
		{name: "cut in the data", in: "\n#3\na", err: io.ErrUnexpectedEOF.Error()},
		{name: "cut between chunks", in: "\n#1\na", err: io.ErrUnexpectedEOF.Error()},
		{name: "cut in the end", in: "\n#1\na\n#", err: io.ErrUnexpectedEOF.Error()},
		{name: "over the limit in pieces", in: "\n#60\n" + strings.Repeat("a", 60) + "\n#60\n", err: errTooBig.Error()},
	}
	for _, tt := range tests {
		readers := map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "octets": iotest.OneByteReader, "halves": iotest.HalfReader,
		}
		for how, wrap := range readers {
			t.Run(tt.name+"/"+how, func(t *testing.T) {
				m := newMessageReader(wrap(strings.NewReader(tt.in)), 100)
				m.chunked = true
				checkMessages(t, m, tt.want, tt.err)
			})
		}
	}
}

func TestEndOfMessageFraming(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
		err      string
	}{
		{name: "two", in: "<a/>]]>]]><b/>]]>]]>", want: []string{"<a/>", "<b/>"}},
		{name: "white space between", in: "<a/>]]>]]>\n <b/>]]>]]>\n", want: []string{"<a/>", "\n <b/>"}},
		{name: "part of the marker", in: "a]]>]]]]>]]>]]>]]>", want: []string{"a]]>]]", ""}},
		{name: "cut", in: "<a/>]]>]]", err: io.ErrUnexpectedEOF.Error()},
		{name: "at the limit", in: strings.Repeat("a", 100) + "]]>]]>", want: []string{strings.Repeat("a", 100)}},
		{name: "over the limit", in: strings.Repeat("a", 101) + "]]>]]>", err: errTooBig.Error()},
		{name: "endless", in: strings.Repeat("a", 200000), err: errTooBig.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkMessages(t, newMessageReader(strings.NewReader(tt.in), 100), tt.want, tt.err)
			checkMessages(t, newMessageReader(iotest.OneByteReader(strings.NewReader(tt.in)), 100), tt.want, tt.err)
		})
	}
}

// checkMessages reads all messages and compares them, and the error after them.
func checkMessages(t *testing.T, m *messageReader, want []string, wantErr string) {
	t.Helper()
	for i := 0; ; i++ {
		got, err := m.next(nil)
		switch {
		case err != nil && i < len(want):
			t.Fatalf("message %d: %v; want %q", i, err, want[i])
		case err == nil && i >= len(want):
			t.Fatalf("message %d is %q; want an error with %q", i, got, wantErr)
		case err != nil && wantErr == "":
			if !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("at the end: %v; want EOF", err)
			}
			return
		case err != nil:
			if !strings.Contains(err.Error(), wantErr) {
				t.Fatalf("at the end: %v; want %q", err, wantErr)
			}
			return
		case string(got) != want[i]:
			t.Fatalf("message %d is %q; want %q", i, got, want[i])
		}
	}
}

func TestSeal(t *testing.T) {
	body := func(s string) []byte { return append(make([]byte, headRoom), s...) }
	if got, want := string(seal(body("<a/>"), true)), "\n#4\n<a/>\n##\n"; got != want {
		t.Errorf("chunked: %q; want %q", got, want)
	}
	if got, want := string(seal(body("<a/>"), false)), "<a/>]]>]]>"; got != want {
		t.Errorf("end of message: %q; want %q", got, want)
	}
	if got, want := string(neutralize(body("<a>\n##\n#12\n]]>]]></a>"))[headRoom:]), "<a>\n&#35;#\n&#35;12\n]]&gt;]]&gt;</a>"; got != want {
		t.Errorf("neutralized: %q; want %q", got, want)
	}
}

func TestNeutraliseUnicode(t *testing.T) {
	in := "<a>gr\u00fc\u00dfe, \u4e16\u754c, \U0001F600 and twelve more</a>"
	want := "<a>gr&#252;&#223;e, &#19990;&#30028;, &#128512; and twelve more</a>"
	if got := string(neutralize(append(make([]byte, headRoom), in...))[headRoom:]); got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	plain := append(make([]byte, headRoom), "<a>plain ASCII of some length</a>"...)
	if got := neutralize(plain); &got[0] != &plain[0] {
		t.Error("plain ASCII was copied")
	}
}

// TestAnnouncedChunkCostsNothing makes sure that memory follows what arrives.
func TestAnnouncedChunkCostsNothing(t *testing.T) {
	m := newMessageReader(strings.NewReader("\n#1000000000\nabc"), 1<<30)
	m.chunked = true
	got, err := m.next(nil)
	if !errors.Is(err, io.ErrUnexpectedEOF) || cap(got) > 4<<20 {
		t.Fatalf("%v with a buffer of %d octets; want an unexpected EOF and a small one", err, cap(got))
	}
}

// FuzzFraming checks that whatever arrives is read without panic and within the
// limit, that it does not matter how it is cut into reads, and that what is
// written is read back.
func FuzzFraming(f *testing.F) {
	for _, s := range []string{
		"\n#4\nabcd\n##\n", "\n#1\na\n#2\nbc\n##\n\n#1\nx\n##\n", "\n#0\n", "\n\n#1\na\n##\n",
		"<a/>]]>]]><b/>]]>]]>", "\n#4294967296\n", "\n##\n", "\n#3\n]]>]]>\n##\n",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	const limit = 1 << 12
	read := func(r io.Reader, chunked bool) (messages []string, end string) {
		m := newMessageReader(r, limit)
		m.chunked = chunked
		for {
			got, err := m.next(nil)
			if err != nil {
				return messages, err.Error()
			}
			messages = append(messages, string(got))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, chunked bool) {
		whole, end := read(bytes.NewReader(in), chunked)
		octets, endOctets := read(iotest.OneByteReader(bytes.NewReader(in)), chunked)
		if fmt.Sprint(whole, end) != fmt.Sprint(octets, endOctets) {
			t.Fatalf("read at once: %q, %s; octet by octet: %q, %s", whole, end, octets, endOctets)
		}
		var wire []byte
		for _, m := range whole {
			if len(m) > limit {
				t.Fatalf("a message of %d octets passed the limit of %d", len(m), limit)
			}
			if chunked && m == "" {
				t.Fatal("an empty message in chunks")
			}
			wire = append(wire, seal(append(make([]byte, headRoom), m...), chunked)...)
		}
		again, _ := read(bytes.NewReader(wire), chunked)
		if fmt.Sprint(again) != fmt.Sprint(whole) {
			t.Fatalf("written and read again: %q; want %q", again, whole)
		}
	})
}
