package segment

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// openLimit is how long VPP may take to hand its memory out.
const openLimit = time.Second

// Open asks for the memory at a stats socket. It tells, too, which process listens
// there; 0 where it is of another PID namespace.
func Open(path string) (s *Segment, pid int, err error) {
	conn, err := net.DialTimeout("unixpacket", path, openLimit)
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	sock := conn.(*net.UnixConn)
	if pid, err = Listener(sock); err != nil {
		return nil, 0, err
	}
	fd, err := receive(sock)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", path, err)
	}
	defer func() { _ = unix.Close(fd) }()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, 0, err
	}
	if st.Size < headerSize || st.Size > 1<<40 {
		return nil, 0, fmt.Errorf("%s: a stats segment of %d octets", path, st.Size)
	}
	mem, err := unix.Mmap(fd, 0, int(st.Size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, 0, fmt.Errorf("map the stats segment: %w", err)
	}
	if s, err = New(mem); err != nil {
		_ = unix.Munmap(mem)
		return nil, 0, err
	}
	s.release = func() error { return unix.Munmap(mem) }
	return s, pid, nil
}

// Listener tells which process listens at the other end; 0 where it is of another
// PID namespace.
func Listener(sock *net.UnixConn) (int, error) {
	raw, err := sock.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) { cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err = errors.Join(err, failed); err != nil {
		return 0, fmt.Errorf("ask for the peer: %w", err)
	}
	return int(cred.Pid), nil
}

// receive takes the one file that VPP sends.
func receive(sock *net.UnixConn) (int, error) {
	if err := sock.SetDeadline(time.Now().Add(openLimit)); err != nil {
		return -1, err
	}
	control := make([]byte, unix.CmsgSpace(4))
	// VPP sends the file and not one octet with it, which looks like an end.
	_, n, _, _, err := sock.ReadMsgUnix(make([]byte, 1), control)
	if err != nil && (n == 0 || !errors.Is(err, io.EOF)) {
		return -1, err
	}
	messages, err := unix.ParseSocketControlMessage(control[:n])
	if err != nil {
		return -1, err
	}
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil || len(fds) == 0 {
			continue
		}
		for _, other := range fds[1:] {
			_ = unix.Close(other)
		}
		return fds[0], nil
	}
	return -1, errors.New("no memory was handed out")
}
