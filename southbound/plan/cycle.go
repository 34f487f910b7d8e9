package plan

import "github.com/outrigger-cnf/outrigger/southbound/object"

// cycle looks for links that require each other in a circle, starting from the
// targets and following what is desired of links beyond them.
func (m *maker) cycle() error {
	const (
		open = iota + 1
		done
	)
	mark := make(map[string]int)
	var stack []*object.Claim
	var visit func(c *object.Claim) error
	visit = func(c *object.Claim) error {
		name := c.Object.(*object.Link).Name
		switch mark[name] {
		case done:
			return nil
		case open:
			for i, on := range stack {
				if on.Object.(*object.Link).Name == name {
					return &CycleError{Links: append([]*object.Claim(nil), stack[i:]...)}
				}
			}
		}
		mark[name] = open
		stack = append(stack, c)
		for below := range object.Links(c.Object) {
			if next := m.wanted(below); next != nil {
				if err := visit(next); err != nil {
					return err
				}
			}
		}
		stack = stack[:len(stack)-1]
		mark[name] = done
		return nil
	}
	for _, it := range m.order {
		if it.ID.Kind == object.KindLink && it.Want != nil {
			if err := visit(it.Want); err != nil {
				return err
			}
		}
	}
	return nil
}

// wanted returns what is desired of a link, as a target or beyond.
func (m *maker) wanted(link string) *object.Claim {
	if it := m.links[link]; it != nil {
		return it.Want
	}
	return m.world.Wanted(link)
}
