package conn

import (
	"context"

	"go.fd.io/govpp/api"
)

// Ask is one of several requests that are made together.
type Ask struct {
	request, answer api.Message // answer is of the type that answers it
	begin           func(err error)
	take            func(s *session, data []byte) error
}

// List asks for details, which are appended to list.
func List[D any, P interface {
	*D
	api.Message
}](request api.Message, list *[]P) Ask {
	return Ask{request: request, answer: P(new(D)), begin: func(error) { *list = nil }, take: func(_ *session, data []byte) error {
		d := P(new(D))
		if err := decode(data, d); err != nil {
			return err
		}
		*list = append(*list, d)
		return nil
	}}
}

// Get asks for one reply. failed is what Call would return but for what ends the
// connection.
func Get(request, reply api.Message, failed *error) Ask {
	return Ask{request: request, answer: reply, begin: func(err error) { *failed = err }, take: func(s *session, data []byte) error {
		if err := decode(data, reply); err != nil {
			return err
		}
		*failed = s.refused(request.GetMessageName(), reply, data)
		return nil
	}}
}

// Together makes requests that change nothing, and waits for all answers at once.
// One that is of a feature that is off is not made: a list of it stays empty.
func (c *Conn) Together(ctx context.Context, asks ...Ask) error {
	s, err := c.session(ctx, "requests")
	if err != nil {
		return err
	}
	made := make([]Ask, 0, len(asks))
	wanted := make([]uint16, 0, len(asks))
	for _, a := range asks {
		_, err := s.table.number(a.request)
		var want uint16
		if err == nil {
			want, err = s.table.number(a.answer)
		}
		if a.begin(err); err == nil {
			made, wanted = append(made, a), append(wanted, want)
		}
	}
	if len(made) == 0 {
		return nil
	}
	return s.dump(ctx, len(made), func(i int) api.Message { return made[i].request }, func(i int, id uint16, data []byte) error {
		if id != wanted[i] {
			return otherAnswer(made[i].request.GetMessageName(), id, wanted[i])
		}
		return made[i].take(s, data)
	})
}
