package xmlcodec_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// events renders all tokens: <space|local attr|…=value> text </>.
func events(doc string, depth int) (string, error) {
	r := xmlcodec.NewReader([]byte(doc), depth)
	var b strings.Builder
	for {
		t, err := r.Next()
		if err != nil {
			return b.String(), err
		}
		switch t {
		case xmlcodec.Start:
			e := r.Element()
			fmt.Fprintf(&b, "<%s|%s", e.Space, e.Local)
			for _, a := range e.Attrs {
				if !a.Declaration {
					fmt.Fprintf(&b, " %s|%s=%q", a.Space, a.Local, a.Value)
				}
			}
			b.WriteString(">")
		case xmlcodec.End:
			b.WriteString("</>")
		case xmlcodec.Text:
			b.Write(r.TextBytes())
		case xmlcodec.EOF:
			return b.String(), nil
		}
	}
}

func TestReader(t *testing.T) {
	for _, c := range []struct{ doc, want string }{
		{"<a/>", "<|a></>"},
		{"\ufeff<?xml version='1.0' encoding=\"utf-8\" standalone='no' ?>\n<!-- x --><?pi y?><a ></a >\n<!---->", "<|a></>"},
		{`<a xmlns="u"><b/><c xmlns=""/><d xmlns="v"><e/></d><b/></a>`, "<u|a><u|b></><|c></><v|d><v|e></></><u|b></></>"},
		{`<p:a xmlns:p="u" p:x="1" x="2" xml:lang="en"><p:b xmlns:p="v"/><p:c/></p:a>`,
			`<u|a u|x="1" |x="2" http://www.w3.org/XML/1998/namespace|lang="en"><v|b></><u|c></></>`},
		{"<a>1&lt;2&#x26;&#38;&gt;&quot;&apos;&#10;]]&gt;</a>", "<|a>1<2&&>\"'\n]]></>"},
		{"<a>x<!-- ]]>]]> & < -->y<![CDATA[<&]]]><?p ?>z</a>", "<|a>xy<&]z</>"},
		{"<a>1\r\n2\r3\n<![CDATA[4\r\n5]]></a>", "<|a>1\n2\n3\n4\n5</>"},
		{"<a b=' \t\r\n&#10;&amp;'/>", `<|a |b="   \n&"></>`},
		{"<é漢 ü='漢'>é</é漢>", `<|é漢 |ü="漢">é</>`},
		{"<a-b.c_1/>", "<|a-b.c_1></>"},
	} {
		got, err := events(c.doc, 0)
		if err != nil || got != c.want {
			t.Errorf("%q: %q, %v; want %q", c.doc, got, err, c.want)
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	for _, c := range []struct{ doc, message string }{
		{"", "no element"},
		{" <!-- a -->", "no element"},
		{"x<a/>", "outside the root"},
		{"<a/>x", "outside the root"},
		{"<![CDATA[x]]><a/>", "outside the root"},
		{"<a/><b/>", "more than one root"},
		{"<a>", "end of <a> is missing"},
		{"<a><b></a></b>", "</b> is expected"},
		{"<a></ab>", "</a> is expected"},
		{"<a></A>", "</a> is expected"},
		{"<p:a/>", "prefix p is not declared"},
		{"<a p:x='1'/>", "prefix p is not declared"},
		{"<a><b xmlns:p='u'/><p:c/></a>", "prefix p is not declared"},
		{"<a xmlns:p=''/>", "cannot be declared"},
		{"<a xmlns:xml='u'/>", "cannot be declared"},
		{"<a xmlns:xmlns='u'/>", "cannot be declared"},
		{"<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", "cannot be declared"},
		{"<a xmlns='http://www.w3.org/XML/1998/namespace'/>", "default namespace"},
		{"<xmlns:a/>", "not declared"},
		{"<a x='1' x='2'/>", "stands twice"},
		{"<a xmlns='u' xmlns='u'/>", "stands twice"},
		{"<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='1'/>", "are the same"},
		{"<a x=1/>", "in quotes"},
		{"<a x/>", "no value"},
		{"<a x='1'y='2'/>", "a space or >"},
		{"<a x='<'/>", "< is not allowed"},
		{"<a x='1/>", "closing quote"},
		{"<a:b:c xmlns:a='u'/>", "a name is expected"},
		{"<:a/>", "a name is expected"},
		{"<a:/>", "a name is expected"},
		{"<1/>", "a name is expected"},
		{"< a/>", "a name is expected"},
		{"<a>]]></a>", "]]> is not allowed"},
		{"<a>&b;</a>", "neither a character"},
		{"<a>&amp</a>", "starts a reference"},
		{"<a>&#0;</a>", "neither a character"},
		{"<a>&#xD800;</a>", "neither a character"},
		{"<a>&#99999999;</a>", "neither a character"},
		{"<a>&#x+1;</a>", "neither a character"},
		{"<a>\x01</a>", "not allowed in XML"},
		{"<a>\uffff</a>", "does not allow"},
		{"<a x='\uffff'/>", "does not allow"},
		{"<a><!-- \x01 --></a>", "does not allow"},
		{"<a>\xff</a>", "not in UTF-8"},
		{"<a><!-- -- --></a>", "-- is not allowed"},
		{"<a><!-- </a>", "end of the comment"},
		{"<a><![CDATA[x</a>", "end of the CDATA"},
		{"<a><?xml version='1.0'?></a>", "it is not xml"},
		{"<!DOCTYPE a><a/>", "document type"},
		{"<a><!ENTITY x 'y'></a>", "neither a comment"},
		{" <?xml version='1.0'?><a/>", "it is not xml"},
		{"<?xml version='1.1'?><a/>", "1.0 is understood"},
		{"<?xml version='1.0' encoding='latin1'?><a/>", "UTF-8 is understood"},
		{"<?xml encoding='UTF-8'?><a/>", "XML declaration is"},
		{"<?xml version='1.0' encoding='UTF-8' x='y'?><a/>", "XML declaration is"},
	} {
		got, err := events(c.doc, 0)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Tag != fault.MalformedMessage || !strings.Contains(f.Message, c.message) {
			t.Errorf("%q: %q, %v; want %s", c.doc, got, err, c.message)
		}
	}
	if _, err := events(strings.Repeat("<a>", 10)+strings.Repeat("</a>", 10), 10); err != nil {
		t.Errorf("10 levels: %v", err)
	}
	_, err := events(strings.Repeat("<a>", 11), 10)
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Tag != fault.TooBig {
		t.Errorf("11 levels: %v", err)
	}
}

func TestPull(t *testing.T) {
	r := xmlcodec.NewReader([]byte(`<a xmlns:p="u"><b k="v"> <x/></b> <c xmlns:p="w">t<!-- -->u</c></a><!-- end -->`), 0)
	if e, err := r.Root(); err != nil || e.Local != "a" {
		t.Fatal(e, err)
	}
	b, err := r.Child()
	if v, ok := b.Attr("", "k"); err != nil || b.Local != "b" || v != "v" || !ok {
		t.Fatal(b, err)
	}
	if err := r.Skip(); err != nil || r.Element().Local != "a" {
		t.Fatal(err)
	}
	if c, err := r.Child(); err != nil || c.Local != "c" {
		t.Fatal(c, err)
	}
	if scope := r.Scope(); scope["p"] != "w" || len(scope) != 2 {
		t.Error(scope)
	}
	if text, err := r.Text(); err != nil || text != "tu" {
		t.Fatal(text, err)
	}
	if uri, ok := r.Namespace("p"); uri != "u" || !ok {
		t.Error(uri)
	}
	if e, err := r.Child(); e != nil || err != nil {
		t.Fatal(e, err)
	}
	if err := r.End(); err != nil {
		t.Fatal(err)
	}

	r = xmlcodec.NewReader([]byte(`<a>text<b/></a>`), 0)
	if _, err := r.Root(); err != nil {
		t.Fatal(err)
	}
	_, err = r.Child()
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Tag != fault.BadElement {
		t.Error(err)
	}
	r = xmlcodec.NewReader([]byte(`<a>text<b/></a>`), 0)
	if _, err := r.Root(); err != nil {
		t.Fatal(err)
	}
	_, err = r.Text()
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Tag != fault.UnknownElement {
		t.Error(err)
	}
}

// standard reads doc with encoding/xml and renders the tokens like events does.
func standard(doc string) (out string, err error) {
	d := xml.NewDecoder(strings.NewReader(doc))
	var b strings.Builder
	depth := 0
	for {
		t, err := d.Token()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			fmt.Fprintf(&b, "<%s|%s", t.Name.Space, t.Name.Local)
			for _, a := range t.Attr {
				if a.Name.Space != "xmlns" && (a.Name.Local != "xmlns" || a.Name.Space != "") {
					fmt.Fprintf(&b, " %s|%s=%q", a.Name.Space, a.Name.Local, a.Value)
				}
			}
			b.WriteString(">")
		case xml.EndElement:
			depth--
			b.WriteString("</>")
		case xml.CharData:
			if depth > 0 {
				b.Write(t)
			}
		}
	}
}

// FuzzReader holds the Reader against encoding/xml: what the Reader takes,
// encoding/xml takes too and sees the same in. The other way round encoding/xml is
// too generous to be a judge.
func FuzzReader(f *testing.F) {
	for _, doc := range []string{
		`<?xml version="1.0"?><rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="1"><get/></rpc>`,
		`<p:a xmlns:p="u" p:x="1"><b>1&lt;<![CDATA[&]]></b><!-- c --><?p i?></p:a>`,
		"<a>\r\n]] ></a>", "<a x='\t&#10;'/>", "<a xmlns='u'><b xmlns=''/></a>", "<é/>",
	} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		got, err := events(doc, 0)
		if err != nil {
			if _, ok := errors.AsType[*fault.Error](err); !ok {
				t.Fatalf("%q: %v is no fault", doc, err)
			}
			return
		}
		want, err := standard(doc)
		if err != nil && strings.Contains(err.Error(), "invalid XML name") {
			return // it has the names of an older edition of XML 1.0
		}
		if err != nil {
			t.Fatalf("%q is taken as %q, and refused by encoding/xml: %v", doc, got, err)
		}
		if got != want && !strings.ContainsAny(doc, "\t\n\r") { // encoding/xml leaves white space in attributes
			t.Fatalf("%q is read as %q, and by encoding/xml as %q", doc, got, want)
		}
	})
}
