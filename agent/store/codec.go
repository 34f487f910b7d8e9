package store

import (
	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// encodeNode appends what n holds as RFC 7951 JSON.
func encodeNode(dst []byte, n *tree.Node) []byte {
	return jsoncodec.Append(dst, n, jsoncodec.Options{Meta: true})
}

// decodeNode reads what encodeNode has written of an instance of def; keys are
// those of a list entry.
func decodeNode(data []byte, def *schema.Node, keys []string) (*tree.Node, error) {
	if len(keys) == 0 {
		keys = nil
	}
	n, err := jsoncodec.Decode(data, def, keys, jsoncodec.DecodeOptions{})
	if n == nil && err == nil { // an empty root
		n, err = tree.NewBuilder().Container(def, nil)
	}
	return n, err
}
