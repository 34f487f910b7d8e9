package store

import (
	"encoding/binary"
	"hash/crc32"
)

// A frame is a payload behind a header of 20 bytes, little-endian:
//
//	0  number    8 bytes; of a record its Seq, of a checkpoint its section
//	8  length    4 bytes, of the payload
//	12 sum       4 bytes, CRC-32C of the payload
//	16 sum       4 bytes, CRC-32C of the 16 bytes before
//
// The header's own sum tells a length that can be trusted from one that cannot:
// without it, damage to a length would look like a record cut short.
const headerSize = 20

// maxPayload keeps a length readable on any machine.
const maxPayload = 1<<31 - 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// reserveHeader begins a frame whose payload is then appended to buf.
func reserveHeader(buf []byte) []byte { return append(buf, make([]byte, headerSize)...) }

// sealFrame fills in the header of the frame that begins at offset start and
// ends with buf.
func sealFrame(buf []byte, start int, number uint64) {
	h, payload := buf[start:start+headerSize], buf[start+headerSize:]
	binary.LittleEndian.PutUint64(h[0:], number)
	binary.LittleEndian.PutUint32(h[8:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(h[12:], crc32.Checksum(payload, castagnoli))
	binary.LittleEndian.PutUint32(h[16:], crc32.Checksum(h[:16], castagnoli))
}

// frameState is what readFrame found.
type frameState uint8

const (
	whole   frameState = iota
	short              // it ends before its length, or before its header does
	damaged            // a sum is wrong
)

// readFrame reads the frame at the start of data. size is what it takes up, where
// that is known.
func readFrame(data []byte) (number uint64, payload []byte, size int, state frameState) {
	if len(data) < headerSize {
		return 0, nil, 0, short
	}
	if !goodHeader(data) {
		return 0, nil, 0, damaged
	}
	number = binary.LittleEndian.Uint64(data)
	length := int64(binary.LittleEndian.Uint32(data[8:]))
	if int64(len(data))-headerSize < length {
		return number, nil, 0, short
	}
	payload = data[headerSize : headerSize+length]
	size = headerSize + len(payload)
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(data[12:]) {
		return number, nil, size, damaged
	}
	return number, payload, size, whole
}

func goodHeader(data []byte) bool {
	return crc32.Checksum(data[:16], castagnoli) == binary.LittleEndian.Uint32(data[16:]) &&
		binary.LittleEndian.Uint32(data[8:]) <= maxPayload
}

// wholeFrameIn reports whether a whole frame with a number above that begins
// anywhere in data. It tells damage from the end of a journal.
func wholeFrameIn(data []byte, above uint64) bool {
	for i := 0; i+headerSize <= len(data); i++ {
		if binary.LittleEndian.Uint64(data[i:]) <= above || !goodHeader(data[i:]) {
			continue
		}
		if _, _, _, state := readFrame(data[i:]); state == whole {
			return true
		}
	}
	return false
}
