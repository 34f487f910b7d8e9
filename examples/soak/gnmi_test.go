package soak

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const gnmiAddress = "127.0.0.1:9339"

// gnmiClient is a gNMI client.
type gnmiClient struct {
	conn *grpc.ClientConn
	gpb.GNMIClient
}

func (ns *namespace) openGNMI() (*gnmiClient, error) {
	conn, err := grpc.NewClient("passthrough:///"+gnmiAddress,
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{InsecureSkipVerify: true})), // the certificate is new with each run
		grpc.WithContextDialer(ns.dial),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20)),
	)
	if err != nil {
		return nil, err
	}
	return &gnmiClient{conn, gpb.NewGNMIClient(conn)}, nil
}

func (c *gnmiClient) close() { c.conn.Close() }

func asAdmin(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "username", "admin", "password", "admin")
}

func callContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(asAdmin(context.Background()), patience)
}

// config is all of running as data.
func (c *gnmiClient) config() (data, error) {
	ctx, cancel := callContext()
	defer cancel()
	reply, err := c.Get(ctx, &gpb.GetRequest{
		Type: gpb.GetRequest_CONFIG, Encoding: gpb.Encoding_JSON_IETF,
		Path: []*gpb.Path{{Origin: "rfc7951"}},
	})
	if status.Code(err) == codes.NotFound {
		return data{}, nil
	}
	if err != nil {
		return nil, err
	}
	d := data{}
	for _, n := range reply.Notification {
		for _, u := range n.Update {
			if len(u.Path.GetElem()) > 0 || len(n.Prefix.GetElem()) > 0 {
				return nil, fmt.Errorf("Get of the root answers with %v", u.Path)
			}
			if err := fromJSON(d, u.Val.GetJsonIetfVal()); err != nil {
				return nil, err
			}
		}
	}
	return d, nil
}

// realization is what the agent says of objects that are not as configured.
func (c *gnmiClient) realization() string {
	ctx, cancel := callContext()
	defer cancel()
	reply, err := c.Get(ctx, &gpb.GetRequest{Encoding: gpb.Encoding_JSON_IETF, Path: []*gpb.Path{gnmiPath("/outrigger-ext:realization/objects")}})
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, n := range reply.Notification {
		for _, u := range n.Update {
			b.Write(u.Val.GetJsonIetfVal())
		}
	}
	return b.String()
}

// set sends edits as one SetRequest.
func (c *gnmiClient) set(edits []edit, exts ...*gpbext.Extension) error {
	request := &gpb.SetRequest{Extension: exts}
	for _, e := range edits {
		switch e.op {
		case opDelete, opRemove:
			request.Delete = append(request.Delete, gnmiPath(e.path))
		case opReplace:
			request.Replace = append(request.Replace, &gpb.Update{Path: gnmiPath(e.path), Val: e.json()})
		default:
			request.Update = append(request.Update, &gpb.Update{Path: gnmiPath(e.path), Val: e.json()})
		}
	}
	ctx, cancel := callContext()
	defer cancel()
	_, err := c.Set(ctx, request)
	return err
}

func (e *edit) json() *gpb.TypedValue {
	text, err := json.Marshal(toJSON(e.path, e.leaves))
	if err != nil {
		panic(err) // maps and strings
	}
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: text}}
}

func gnmiPath(text string) *gpb.Path {
	p := &gpb.Path{}
	for _, s := range steps(text) {
		e := &gpb.PathElem{Name: s.name}
		for _, k := range s.keys {
			if e.Key == nil {
				e.Key = map[string]string{}
			}
			e.Key[k[0]] = k[1]
		}
		p.Elem = append(p.Elem, e)
	}
	return p
}

func commitExtension(id string, action any) *gpbext.Extension {
	c := &gpbext.Commit{Id: id}
	switch a := action.(type) {
	case *gpbext.CommitRequest:
		c.Action = &gpbext.Commit_Commit{Commit: a}
	case *gpbext.CommitConfirm:
		c.Action = &gpbext.Commit_Confirm{Confirm: a}
	case *gpbext.CommitCancel:
		c.Action = &gpbext.Commit_Cancel{Cancel: a}
	}
	return &gpbext.Extension{Ext: &gpbext.Extension_Commit{Commit: c}}
}

// onChange subscribes to paths and passes on the paths and values of updates, and
// the paths of deletes with no value. The first message it returns from Recv has
// been a sync_response.
type onChange struct {
	stream gpb.GNMI_SubscribeClient
	cancel context.CancelFunc
}

func (c *gnmiClient) onChange(paths ...*gpb.Path) (*onChange, error) {
	ctx, cancel := context.WithCancel(asAdmin(context.Background()))
	stream, err := c.Subscribe(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	list := &gpb.SubscriptionList{Mode: gpb.SubscriptionList_STREAM, Encoding: gpb.Encoding_JSON_IETF}
	for _, p := range paths {
		list.Subscription = append(list.Subscription, &gpb.Subscription{Path: p, Mode: gpb.SubscriptionMode_ON_CHANGE})
	}
	err = stream.Send(&gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: list}})
	for err == nil {
		var m *gpb.SubscribeResponse
		if m, err = stream.Recv(); err == nil && m.GetSyncResponse() {
			return &onChange{stream, cancel}, nil
		}
	}
	cancel()
	return nil, err
}

// until reads until match finds what it looks for in an update, whose value is
// nil for a delete.
func (o *onChange) until(d time.Duration, match func(path string, value *gpb.TypedValue) bool) error {
	return within(d, func() error {
		for {
			m, err := o.stream.Recv()
			if err != nil {
				return err
			}
			n := m.GetUpdate()
			for _, p := range n.GetDelete() {
				if match(pathText(n.Prefix, p), nil) {
					return nil
				}
			}
			for _, u := range n.GetUpdate() {
				if match(pathText(n.Prefix, u.Path), u.Val) {
					return nil
				}
			}
		}
	})
}

func pathText(prefix, p *gpb.Path) string {
	var b strings.Builder
	for _, e := range append(append([]*gpb.PathElem{}, prefix.GetElem()...), p.GetElem()...) {
		b.WriteString("/" + e.Name)
		for k, v := range e.Key {
			b.WriteString("[" + k + "=" + v + "]")
		}
	}
	return b.String()
}
