package compile

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// derived is what a type statement amounts to.
type derived struct {
	typ *schema.Type
	// byPlace says that leafrefs are in it, whose targets depend on the leaf.
	byPlace bool
	units   string
	def     *arg // the default of the nearest typedef that has one
}

// resolveType resolves a type statement, which always means the same, wherever a
// grouping around it is used. What is wrong it reports, and returns nil.
func (c *compiler) resolveType(s *yang.Statement, sc *scope, depth int) *derived {
	if d, known := c.types[s]; known {
		return d
	}
	if depth > maxDepth {
		c.errorf(s, "typedefs and unions nested more than %d deep", maxDepth)
		return nil
	}
	var d *derived
	if k := builtin(s.Argument); k != 0 {
		if c.checkRestrictions(s, k, true) {
			d = &derived{typ: &schema.Type{Kind: k, Name: s.Argument}}
		}
	} else {
		d = c.fromTypedef(s, sc, depth)
	}
	if d != nil && !c.restrict(d, s, sc, depth) {
		d = nil
	}
	c.types[s] = d
	return d
}

// fromTypedef starts from the type that a typedef names.
func (c *compiler) fromTypedef(s *yang.Statement, sc *scope, depth int) *derived {
	def := c.lookup(sc, s, "typedef", s.Argument)
	if def == nil {
		return nil
	}
	if def.busy {
		c.errorf(s, "typedef %s is defined by itself", s.Argument)
		return nil
	}
	def.busy = true
	defer func() { def.busy = false }()
	base := c.resolveType(first(def.stmt, "type"), def.scope, depth+1)
	if base == nil || !c.checkRestrictions(s, base.typ.Kind, false) {
		return nil
	}
	t := *base.typ
	t.Name = s.Argument
	t.Typedef = def.scope.unit.mod.out.Name + ":" + def.stmt.Argument
	d := &derived{typ: &t, byPlace: base.byPlace, units: base.units, def: base.def}
	if u := first(def.stmt, "units"); u != nil {
		d.units = u.Argument
	}
	if v := first(def.stmt, "default"); v != nil {
		d.def = &arg{v, def.scope}
	}
	return d
}

// restrict applies the substatements of a type statement.
func (c *compiler) restrict(d *derived, s *yang.Statement, sc *scope, depth int) bool {
	t := d.typ
	if t.Kind == schema.Decimal64 && t.FractionDigits == 0 {
		f := first(s, "fraction-digits")
		v, err := strconv.ParseUint(f.Argument, 10, 8)
		if err != nil || v < 1 || v > 18 {
			c.errorf(f, "fraction-digits %q; they are 1 to 18", f.Argument)
			return false
		}
		t.FractionDigits = uint8(v)
	}
	ok := true
	for _, sub := range s.SubStatements() {
		switch sub.Keyword {
		case "range":
			t.Ranges, ok = c.narrowRange(sub, t)
		case "length":
			t.Lengths, ok = c.narrowLength(sub, t)
		case "pattern":
			ok = c.addPattern(t, sub)
		case "path":
			t.Path = c.expr(sc.unit, sub)
			t.RequireInstance = true
			d.byPlace = true
		case "base":
			if id := c.identity(sc.unit, sub); id != nil {
				t.Bases = append(t.Bases, id.out)
			} else {
				ok = false
			}
		}
		if !ok {
			return false
		}
	}
	if t.Kind == schema.InstanceIdentifier && t.Typedef == "" {
		t.RequireInstance = true
	}
	if r := first(s, "require-instance"); r != nil {
		t.RequireInstance = r.Argument == "true"
	}
	switch t.Kind {
	case schema.Enumeration:
		return c.enums(t, s, sc)
	case schema.Bits:
		return c.bits(t, s, sc)
	case schema.Union:
		if len(t.Members) == 0 {
			return c.members(d, s, sc, depth)
		}
	}
	return true
}

// members resolves the types of a union.
func (c *compiler) members(d *derived, s *yang.Statement, sc *scope, depth int) bool {
	for sub := range each(s, "type") {
		m := c.resolveType(sub, sc, depth+1)
		if m == nil {
			return false
		}
		d.typ.Members = append(d.typ.Members, m.typ)
		d.byPlace = d.byPlace || m.byPlace
	}
	return true
}

func (c *compiler) addPattern(t *schema.Type, s *yang.Statement) bool {
	if _, err := schema.CompilePattern(s.Argument); err != nil {
		c.errorf(s, "pattern %q: %w", s.Argument, err)
		return false
	}
	// A typedef's patterns are shared by all that derive from it.
	t.Patterns = append(t.Patterns[:len(t.Patterns):len(t.Patterns)], schema.Pattern{
		Text:         s.Argument,
		Invert:       first(s, "modifier") != nil,
		ErrorMessage: argOf(s, "error-message"),
		ErrorAppTag:  argOf(s, "error-app-tag"),
	})
	return true
}

// enums reads the enums of an enumeration, or those that a derived type keeps
// (RFC 7950 §9.6.4).
func (c *compiler) enums(t *schema.Type, s *yang.Statement, sc *scope) bool {
	if first(s, "enum") == nil {
		return true
	}
	base := t.Enums
	t.Enums = nil
	next := int64(math.MinInt32) - 1 // below any value: none assigned yet
	names, values := map[string]bool{}, map[int32]bool{}
	for e := range each(s, "enum") {
		enum := schema.Enum{Name: e.Argument}
		explicit, hasValue, ok := c.number(e, "value", math.MinInt32, math.MaxInt32)
		if !ok {
			return false
		}
		if base != nil {
			old, known := enumNamed(base, e.Argument)
			if !known || hasValue && int32(explicit) != old.Value {
				c.errorf(e, "enum %q is not in the type that this one is derived from, with that value", e.Argument)
				return false
			}
			enum = old
		} else {
			switch {
			case hasValue:
				enum.Value = int32(explicit)
			case next < math.MinInt32:
				enum.Value = 0
			case next > math.MaxInt32:
				c.errorf(e, "enum %q needs a value; that of the one before is the highest there is", e.Argument)
				return false
			default:
				enum.Value = int32(next)
			}
			next = max(next, int64(enum.Value)+1)
		}
		if names[enum.Name] || values[enum.Value] {
			c.errorf(e, "enum %q, value %d: the name or the value stands twice", enum.Name, enum.Value)
			return false
		}
		names[enum.Name], values[enum.Value] = true, true
		if c.featuresAllow(sc.unit, e) {
			t.Enums = append(t.Enums, enum)
		}
	}
	return true
}

func enumNamed(enums []schema.Enum, name string) (schema.Enum, bool) {
	for _, e := range enums {
		if e.Name == name {
			return e, true
		}
	}
	return schema.Enum{}, false
}

// bits reads the bits of a bits type, or those that a derived type keeps (RFC
// 7950 §9.7.4), and puts them in the order of their positions.
func (c *compiler) bits(t *schema.Type, s *yang.Statement, sc *scope) bool {
	if first(s, "bit") == nil {
		return true
	}
	base := t.Bits
	t.Bits = nil
	free := int64(0) // above every position so far
	names, positions := map[string]bool{}, map[uint32]bool{}
	for b := range each(s, "bit") {
		bit := schema.Bit{Name: b.Argument}
		explicit, hasPosition, ok := c.number(b, "position", 0, math.MaxUint32)
		if !ok {
			return false
		}
		if base != nil {
			old, known := bitNamed(base, b.Argument)
			if !known || hasPosition && uint32(explicit) != old.Position {
				c.errorf(b, "bit %q is not in the type that this one is derived from, with that position", b.Argument)
				return false
			}
			bit = old
		} else {
			if !hasPosition {
				explicit = free
			}
			if explicit > math.MaxUint32 {
				c.errorf(b, "bit %q needs a position; that of the one before is the highest there is", b.Argument)
				return false
			}
			bit.Position = uint32(explicit)
			free = max(free, explicit+1)
		}
		if names[bit.Name] || positions[bit.Position] {
			c.errorf(b, "bit %q, position %d: the name or the position stands twice", bit.Name, bit.Position)
			return false
		}
		names[bit.Name], positions[bit.Position] = true, true
		if c.featuresAllow(sc.unit, b) {
			t.Bits = append(t.Bits, bit)
		}
	}
	slices.SortFunc(t.Bits, func(a, b schema.Bit) int { return cmp.Compare(a.Position, b.Position) })
	return true
}

func bitNamed(bits []schema.Bit, name string) (schema.Bit, bool) {
	for _, b := range bits {
		if b.Name == name {
			return b, true
		}
	}
	return schema.Bit{}, false
}

// number reads an integer substatement.
func (c *compiler) number(s *yang.Statement, keyword string, lo, hi int64) (value int64, there, ok bool) {
	sub := first(s, keyword)
	if sub == nil {
		return 0, false, true
	}
	v, err := strconv.ParseInt(sub.Argument, 10, 64)
	if err != nil || v < lo || v > hi {
		c.errorf(sub, "%s %q; it is a number from %d to %d", keyword, sub.Argument, lo, hi)
		return 0, true, false
	}
	return v, true, true
}
