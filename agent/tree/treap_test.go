package tree

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever changes have led to it, a treap of the same keys has the same shape, and
// the one that they were made on is as it was.
func TestAmend(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var now *treap[listKey, int]
	held, n, o := map[listKey]int{}, 0, new(token)
	for round := range 400 {
		if rng.IntN(3) == 0 {
			o = new(token)
		}
		before, was := rebuilt(held), now
		owned := o
		if rng.IntN(2) == 0 {
			owned = new(token) // so that now stays
		}
		changes := map[listKey]amendment[listKey, int]{}
		for range rng.IntN(60) {
			k := listKey(fmt.Sprint(rng.IntN(200)))
			changes[k] = amendment[listKey, int]{k, round, rng.IntN(3) == 0}
		}
		sorted := make([]amendment[listKey, int], 0, len(changes))
		for _, k := range slices.Sorted(maps.Keys(changes)) {
			sorted = append(sorted, changes[k])
			if delete(held, k); !changes[k].gone {
				held[k] = round
			}
		}
		now = now.amend(owned, sorted, &n)
		if n != len(held) || !alike(now, rebuilt(held)) {
			t.Fatalf("round %d: %d keys, want %d, or another shape", round, n, len(held))
		}
		if owned != o && !alike(was, before) {
			t.Fatalf("round %d: what was is otherwise", round)
		}
		o = owned
	}
}

// rebuilt is the treap of those keys and values as it is made at once.
func rebuilt(held map[listKey]int) *treap[listKey, int] {
	var s spine[listKey, int]
	for _, k := range slices.Sorted(maps.Keys(held)) {
		s.add(new(token), k, held[k])
	}
	return s.root()
}

func alike(a, b *treap[listKey, int]) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.key == b.key && a.value == b.value && alike(a.left, b.left) && alike(a.right, b.right)
}

// BenchmarkAmend puts 10,000 keys into a treap, 256 at a time, and takes them away.
func BenchmarkAmend(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	var come, leave [][]amendment[listKey, int]
	for range 40 {
		var keys []listKey
		for range 256 {
			keys = append(keys, listKey(fmt.Sprint(rng.Uint64())))
		}
		slices.Sort(keys)
		var some, gone []amendment[listKey, int]
		for _, k := range keys {
			some, gone = append(some, amendment[listKey, int]{key: k}), append(gone, amendment[listKey, int]{key: k, gone: true})
		}
		come, leave = append(come, some), append(leave, gone)
	}
	b.ReportAllocs()
	for b.Loop() {
		var t *treap[listKey, int]
		n, o := 0, new(token)
		for _, some := range slices.Concat(come, leave) {
			t = t.amend(o, some, &n)
		}
		if t != nil || n != 0 {
			b.Fatal("something is left")
		}
	}
}
