package southbound

import (
	"fmt"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// All cases of who made a link, what is noted of an attribute, and who speaks of it:
// whether that is noted before it changes, and where it goes.
func TestHome(t *testing.T) {
	const others, ours = false, true
	type outcome struct {
		notes bool
		told  home // where the dataplane tells what a new one has
		asked home // where it does not
		said  home // of a description or a master, of which it always tells
	}
	never := outcome{notes: true}
	for _, c := range []struct {
		standing
		outcome
		why string
	}{
		{standing{others, false, false, false}, never, "it changes for a moment"},
		{standing{others, false, false, true}, never, "it is spoken of for the first time"},
		{standing{others, false, true, false}, outcome{true, stays, stays, asNew}, "it was as configured before; or the note is lost"},
		{standing{others, false, true, true}, never, "somebody has changed it meanwhile, or it was as configured"},
		{standing{others, true, false, false}, outcome{false, asItWas, asItWas, asItWas}, "what spoke of it was never stored"},
		{standing{others, true, false, true}, outcome{}, "and now it is spoken of again"},
		{standing{others, true, true, false}, outcome{false, asItWas, asItWas, asItWas}, "it is not spoken of any more"},
		{standing{others, true, true, true}, outcome{}, "it is spoken of otherwise"},

		{standing{ours, false, false, false}, never, "it changes for a moment"},
		{standing{ours, false, false, true}, never, "it is spoken of for the first time since the link was made"},
		{standing{ours, false, true, false}, outcome{false, asNew, asNew, asNew}, "it was made with it"},
		{standing{ours, false, true, true}, outcome{}, "it was made with it, or we have just begun: what it has is of our making"},
		{standing{ours, true, false, false}, outcome{false, asNew, asItWas, asNew}, "what spoke of it was never stored"},
		{standing{ours, true, false, true}, outcome{}, "and now it is spoken of again"},
		{standing{ours, true, true, false}, outcome{false, asNew, asItWas, asNew}, "it is not spoken of any more"},
		{standing{ours, true, true, true}, outcome{}, "it is spoken of otherwise"},
	} {
		t.Run(fmt.Sprintf("%+v", c.standing), func(t *testing.T) {
			got := outcome{c.standing.notes(object.MTU), c.standing.home(object.MTU, true), c.standing.home(object.MTU, false), c.standing.home(object.Master, true)}
			if got != c.outcome {
				t.Errorf("%s: got %+v, want %+v", c.why, got, c.outcome)
			}
		})
	}
}
