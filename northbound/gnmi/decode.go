package gnmi

import (
	"bytes"
	"encoding/json"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/codec/typedcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// maxMetadata bounds the metadata of one node. Clients keep up to 1 MiB there,
// which its encoding makes larger.
const maxMetadata = 2 << 20

// jsonText returns the text of a JSON value, in either encoding.
func jsonText(v *gpb.TypedValue) ([]byte, bool) {
	switch v := v.GetValue().(type) {
	case *gpb.TypedValue_JsonVal:
		return v.JsonVal, true
	case *gpb.TypedValue_JsonIetfVal:
		return v.JsonIetfVal, true
	}
	return nil, false
}

// emptyObject reports whether a value is {}.
func emptyObject(v *gpb.TypedValue) bool {
	text, ok := jsonText(v)
	text = bytes.TrimSpace(text)
	return ok && len(text) >= 2 && text[0] == '{' && text[len(text)-1] == '}' && len(bytes.TrimSpace(text[1:len(text)-1])) == 0
}

// qualifyRoot puts modules in front of the members of the root that have none, as
// the origin of the path says: two modules may have a node of one name. Text that
// it cannot read is left to the codec, which says what is wrong.
func qualifyRoot(v *gpb.TypedValue, sc scope) *gpb.TypedValue {
	text, ok := jsonText(v)
	if !ok {
		return v
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return v
	}
	var out bytes.Buffer
	out.WriteByte('{')
	for n := 0; d.More(); n++ {
		var value json.RawMessage
		t, err := d.Token()
		name, isName := t.(string)
		if err != nil || !isName || d.Decode(&value) != nil {
			return v
		}
		if !strings.ContainsRune(name, ':') && !strings.HasPrefix(name, "@") {
			if top := sc.root("", name); top != nil {
				name = top.Module.Name + ":" + name
			}
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return v
		}
		if n > 0 {
			out.WriteByte(',')
		}
		out.Write(quoted)
		out.WriteByte(':')
		out.Write(value)
	}
	if _, err := d.Token(); err != nil || len(bytes.TrimSpace(text[d.InputOffset():])) > 0 {
		return v
	}
	out.WriteByte('}')
	if _, plain := v.GetValue().(*gpb.TypedValue_JsonVal); plain {
		return jsonValue(gpb.Encoding_JSON, out.Bytes())
	}
	return jsonValue(gpb.Encoding_JSON_IETF, out.Bytes())
}

// decode reads the value of an operation at a path. It returns nil where the value
// says nothing, like an empty list.
func (s *Server) decode(v *gpb.TypedValue, at path.Path, def *schema.Node) (*tree.Node, error) {
	var keys []string
	if last := at.Last(); def.Kind == schema.List && len(last.Keys) > 0 {
		keys = make([]string, len(last.Keys))
		for i, k := range last.Keys {
			keys[i] = k.Value
		}
	}
	n, err := typedcodec.Decode(v, def, keys, jsoncodec.DecodeOptions{Lenient: true, Config: true, Path: at, MaxMeta: maxMetadata, MaxDepth: s.limits.MaxDepth})
	if err == nil {
		return n, nil
	}
	all := fault.All(err)
	if all[0].Tag == fault.OperationNotSupported {
		return nil, statusOf(err)
	}
	// Whatever is wrong with a value is an invalid argument (specification §3.4.7).
	return nil, faultStatus(codes.InvalidArgument, all)
}
