package gnmi

import (
	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/codec/typedcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// encodings that are served, as Capabilities lists them.
var encodings = []gpb.Encoding{gpb.Encoding_JSON, gpb.Encoding_JSON_IETF, gpb.Encoding_PROTO}

// encodingSlots is the number of slots that a cache by encoding needs.
const encodingSlots = int(gpb.Encoding_JSON_IETF) + 1

func checkEncoding(e gpb.Encoding) error {
	for _, served := range encodings {
		if e == served {
			return nil
		}
	}
	return failf(codes.Unimplemented, fault.OperationNotSupported, nil,
		"encoding %s is not supported; use JSON, JSON_IETF or PROTO", e)
}

// encodeValue encodes what is sent as one value (see single). A list without keys
// has no form in PROTO and is JSON_IETF there, as anydata is.
func encodeValue(n *tree.Node, enc gpb.Encoding) (*gpb.TypedValue, error) {
	if n.Schema().Kind == schema.List && enc == gpb.Encoding_PROTO {
		enc = gpb.Encoding_JSON_IETF
	}
	return typedcodec.Encode(n, enc)
}

// encodeTree encodes what the filter leaves of a container, an entry or the root
// as one JSON value. base is the schema node that was asked for.
func encodeTree(n *tree.Node, enc gpb.Encoding, f *filter, base *schema.Node) *gpb.TypedValue {
	t := f.index.traits[base]
	o := jsoncodec.Options{
		Defaults: codec.ReportAll,
		Internal: enc == gpb.Encoding_JSON,
		Meta:     enc == gpb.Encoding_JSON_IETF,
		Filter:   func(n *schema.Node) bool { return f.leaf(f.index.traits[n], t) },
		Enter:    func(n *schema.Node) bool { return f.enter(f.index.traits[n], t) },
	}
	switch f.kind {
	case gpb.GetRequest_CONFIG:
		o.Content = codec.Config
	case gpb.GetRequest_STATE, gpb.GetRequest_OPERATIONAL:
		o.Content = codec.State
	}
	if o.Internal && n.Schema().Name == "" && f.scope.origin == originRFC7951 {
		return jsonValue(enc, plainRoot(n, o))
	}
	return jsonValue(enc, jsoncodec.Append(nil, n, o))
}

// plainRoot is the root of all modules in the encoding JSON. That has no module
// names, but here they are needed: two modules may have a node of one name.
func plainRoot(root *tree.Node, o jsoncodec.Options) []byte {
	dst := []byte{'{'}
	for _, def := range root.Schema().Data {
		n := root.ChildOrDefault(def)
		if n == nil || !o.Enter(def) {
			continue
		}
		value := jsoncodec.Append(nil, n, o)
		if s := string(value); s == "{}" || s == "[]" {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), def.Module.Name+":"+def.Name...), '"', ':')
		dst = append(dst, value...)
	}
	return append(dst, '}')
}

func jsonValue(enc gpb.Encoding, text []byte) *gpb.TypedValue {
	if enc == gpb.Encoding_JSON {
		return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: text}}
	}
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: text}}
}
