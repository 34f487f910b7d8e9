package netlink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

const sysctlRoot = "/proc/sys/net"

// settingFiles are the names below conf/LINK/.
var settingFiles = map[object.SettingName]string{
	object.Forwarding:        "forwarding",
	object.ProtocolEnabled:   "disable_ipv6", // the other way round
	object.ProtocolMTU:       "mtu",
	object.DADTransmits:      "dad_transmits",
	object.AcceptRA:          "accept_ra",
	object.Autoconf:          "autoconf",
	object.TempAddresses:     "use_tempaddr",
	object.TempValidTime:     "temp_valid_lft",
	object.TempPreferredTime: "temp_prefered_lft",
}

// settingFile returns the file of a setting below sysctlRoot.
func settingFile(s *object.Setting) (string, error) {
	file, known := settingFiles[s.Name]
	link := s.Link
	switch {
	case !known:
		return "", &southbound.AttrError{Reason: fmt.Sprintf("the setting %q is unknown to Linux", s.Name)}
	case s.Name != object.Forwarding && (s.Family != object.IPv6 || link == ""):
		return "", &southbound.AttrError{Reason: fmt.Sprintf("%s can only be set for IPv6 on a link", s.Name)}
	case link == "":
		link = "all"
	}
	return confFile(s.Family, link, file), nil
}

func confFile(f object.Family, link, file string) string {
	return filepath.Join(sysctlRoot, f.String(), "conf", link, file)
}

// readSetting reads a setting; nil if its link is not there.
func (b *Backend) readSetting(s *object.Setting) (object.State, error) {
	file, err := settingFile(s)
	if err != nil {
		return nil, err
	}
	b.stats.reads.Add(1)
	value, err := b.readFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	st := &object.SettingState{Setting: *s}
	st.Value = invert(s.Name, value)
	return st, nil
}

// invert turns the value of ProtocolEnabled into that of disable_ipv6 and back.
func invert(name object.SettingName, v uint32) uint32 {
	if name != object.ProtocolEnabled {
		return v
	}
	if v == 0 {
		return 1
	}
	return 0
}

func (b *Backend) writeSetting(s *object.Setting) error {
	file, err := settingFile(s)
	if err != nil {
		return err
	}
	return b.writeFile(file, invert(s.Name, s.Value))
}

// resetSetting gives a link's setting the value that a new link would have; for
// the IPv6 MTU that is the link's own. A global setting has no such value and stays.
func (b *Backend) resetSetting(s *object.Setting) error {
	if s.Link == "" {
		return nil
	}
	file, err := settingFile(s)
	if err != nil {
		return err
	}
	if s.Name == object.ProtocolMTU {
		state, err := b.Read(context.Background(), &object.Link{Name: s.Link})
		if link, ok := state.(*object.LinkState); ok && err == nil {
			return b.writeFile(file, link.MTU)
		}
		return err // a link that is gone has no settings
	}
	value, err := b.readFile(confFile(s.Family, "default", filepath.Base(file)))
	if err != nil {
		return fileError(err, s.Link)
	}
	return b.writeFile(file, value)
}

func (b *Backend) readFile(name string) (value uint32, err error) {
	err = b.ns.do(func() error {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		// accept_ra and use_tempaddr may be negative: as much as off.
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		value = uint32(max(n, 0))
		return err
	})
	return value, err
}

func (b *Backend) writeFile(name string, value uint32) error {
	b.stats.writes.Add(1)
	err := b.ns.do(func() error {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString(strconv.FormatUint(uint64(value), 10))
		return errors.Join(err, f.Close())
	})
	return fileError(err, filepath.Base(filepath.Dir(name)))
}

// fileError turns the errors of /proc/sys into those of the kernel's messages. A
// container's /proc/sys is mostly read-only: its network settings then belong to
// the pod's securityContext.
func fileError(err error, link string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrNotExist):
		return &Error{Errno: unix.ENODEV, Reason: "link " + link + " is not there"}
	case errors.Is(err, unix.EROFS), errors.Is(err, os.ErrPermission):
		return &Error{Errno: unix.EPERM, Reason: err.Error()}
	}
	errno, ok := errors.AsType[unix.Errno](err)
	if file, is := errors.AsType[*fs.PathError](err); ok && is {
		return &Error{Errno: errno, Reason: file.Op + " " + file.Path}
	}
	if ok {
		return &Error{Errno: errno}
	}
	return err
}

// promote sees to it that deleting an IPv4 address keeps its secondaries, and
// returns what sets things back.
func (b *Backend) promote(link string) (restore func(), err error) {
	for _, conf := range []string{link, "all"} {
		on, err := b.readFile(confFile(object.IPv4, conf, "promote_secondaries"))
		if err != nil {
			return nil, fileError(err, link)
		}
		if on != 0 {
			return func() {}, nil
		}
	}
	file := confFile(object.IPv4, link, "promote_secondaries")
	if err := b.writeFile(file, 1); err != nil {
		// Read-only settings: the kernel then keeps its own way.
		b.log.Warn("secondary addresses may go with their primary", "link", link, "err", err)
		return func() {}, nil
	}
	return func() {
		if err := b.writeFile(file, 0); err != nil && !errors.Is(err, southbound.ErrNotReady) {
			b.log.Warn("promote_secondaries stays on", "link", link, "err", err)
		}
	}, nil
}

// globalSettings reads the settings that are shown although nobody has configured
// them; those of links come with the links. What cannot be read, as without IPv6, is
// left out.
func (b *Backend) globalSettings() []object.State {
	var states []object.State
	for _, f := range []object.Family{object.IPv4, object.IPv6} {
		s := &object.Setting{Name: object.Forwarding, Family: f}
		if st, err := b.readSetting(s); st != nil && err == nil {
			states = append(states, st)
		}
	}
	return states
}
