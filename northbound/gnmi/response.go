package gnmi

import (
	"sync"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Codec is gRPC's codec of protocol buffers, except that what a stream sends, which
// is encoded already, goes out as it is. Serve with grpc.ForceServerCodecV2(Codec()).
// Under another codec the same is sent at a higher price.
func Codec() encoding.CodecV2 { return wireCodec{encoding.GetCodecV2(grpcproto.Name)} }

type wireCodec struct{ encoding.CodecV2 }

func (c wireCodec) Marshal(v any) (mem.BufferSlice, error) {
	if r, ok := v.(*response); ok {
		return r.wire, nil
	}
	return c.CodecV2.Marshal(v)
}

// response is a SubscribeResponse in wire form. To everybody but Codec it is a
// message like any other, which is decoded for who reads it. That must be before
// Codec's outcome has been sent, which frees the memory.
type response struct {
	wire mem.BufferSlice

	once sync.Once
	text *gpb.SubscribeResponse // what wire says; set by once
}

// ProtoReflect implements proto.Message.
func (r *response) ProtoReflect() protoreflect.Message {
	r.once.Do(func() {
		r.text = &gpb.SubscribeResponse{}
		if err := proto.Unmarshal(r.wire.Materialize(), r.text); err != nil {
			r.text.ProtoReflect().SetUnknown(r.wire.Materialize()) // as it would be sent
		}
	})
	return r.text.ProtoReflect()
}

// fields are fields of a message in wire form. Those that are made anew are written
// into blocks, those that were made before are shared: nothing is copied but by who
// sends.
type fields struct {
	parts mem.BufferSlice // complete
	block *[]byte         // comes after them; nil if there is none yet
	free  int             // octets of it
	size  int
	next  int // size of the next block
}

// Sizes of the blocks, which double: for one value, and for many.
const (
	blockLeast = 256
	blockMost  = 32 << 10
)

// place returns what to append so many octets to, which count from now on.
func (f *fields) place(size int) *[]byte {
	if f.free < size {
		f.open(size)
	}
	f.free -= size
	f.size += size
	return f.block
}

// open makes a block with room for so many octets.
func (f *fields) open(size int) {
	f.close()
	f.next = min(max(f.next, blockLeast), blockMost)
	f.block = mem.DefaultBufferPool().Get(max(f.next, size))
	*f.block = (*f.block)[:0]
	f.free = cap(*f.block)
	f.next *= 4
}

// share adds fields that stay as they are for as long as anybody has them.
func (f *fields) share(wire mem.Buffer) {
	f.close()
	f.parts = append(f.parts, wire)
	f.size += wire.Len()
}

// close makes the block a part.
func (f *fields) close() {
	if f.block != nil {
		f.parts = append(f.parts, mem.NewBuffer(f.block, mem.DefaultBufferPool()))
		f.block, f.free = nil, 0
	}
}

// take returns what has been added, after head.
func (f *fields) take(head []byte) mem.BufferSlice {
	f.close()
	wire := append(make(mem.BufferSlice, 0, 1+len(f.parts)), mem.SliceBuffer(head))
	wire = append(wire, f.parts...)
	clear(f.parts)
	*f = fields{parts: f.parts[:0]}
	return wire
}
