package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/northbound/auth"
)

// Config is the whole configuration of a run: the YAML file, with the flags of
// the command line over it. Every flag can stand in the file under its own name.
type Config struct {
	Listen        string `yaml:"listen"`         // gRPC and HTTP
	NETCONFListen string `yaml:"netconf-listen"` // NETCONF over SSH
	StateDir      string `yaml:"state-dir"`
	Backend       string `yaml:"backend"`
	Dev           bool   `yaml:"dev"`
	Insecure      bool   `yaml:"insecure"`
	LogLevel      string `yaml:"log-level"`
	LogFormat     string `yaml:"log-format"`

	TLS   auth.Files  `yaml:"tls"`
	SSH   SSH         `yaml:"ssh"`
	Users []auth.User `yaml:"users"`

	// Boot is an RFC 7951 JSON file that becomes the configuration where the
	// state directory holds none yet.
	Boot string `yaml:"boot"`
	// RouteProtocol marks what Outrigger owns in the kernel (rtm_protocol).
	RouteProtocol uint8 `yaml:"route-protocol"`

	VPP VPP `yaml:"vpp"`

	Limits Limits `yaml:"limits"`
}

// VPP is where the dataplane of --backend vpp is found.
type VPP struct {
	APISocket   string `yaml:"api-socket"`   // of its binary API: socksvr in its startup.conf
	StatsSocket string `yaml:"stats-socket"` // of its statistics: statseg in its startup.conf
	// WhileAway says what becomes of a commit while VPP is away: refuse, or
	// pending, which takes it and realizes it once VPP is there.
	WhileAway string `yaml:"while-away"`
}

// SSH is what the NETCONF server needs beside the users.
type SSH struct {
	// HostKey is a private key file in PEM or OpenSSH form. Without one, a key
	// is made and kept in the state directory.
	HostKey string `yaml:"host-key"`
}

// Limits bounds what clients can ask of the agent. Zero means the default.
type Limits struct {
	MessageBytes      int           `yaml:"message-bytes"`       // one gNMI or NETCONF request
	NestingDepth      int           `yaml:"nesting-depth"`       // of XML and JSON
	Sessions          int           `yaml:"sessions"`            // NETCONF sessions
	Subscriptions     int           `yaml:"subscriptions"`       // gNMI Subscribe streams
	PendingRequests   int           `yaml:"pending-requests"`    // concurrent calls on one gRPC connection; NETCONF takes one request at a time
	Connections       int           `yaml:"connections"`         // TCP connections of each port, also of clients not yet known
	IdleTimeout       time.Duration `yaml:"idle-timeout"`        // of a NETCONF session; negative is none
	MinSampleInterval time.Duration `yaml:"min-sample-interval"` // gNMI SAMPLE
}

// Ports of --dev, and of a sidecar.
const (
	defaultListen        = ":9339"
	defaultNETCONFListen = ":830"
	devListen            = "127.0.0.1:9339"
	devNETCONFListen     = "127.0.0.1:8300"
	defaultStateDir      = "/var/lib/outrigger"
)

// defaultLimits are generous for a controller and a few collectors, and small
// enough that no client exhausts a sidecar.
var defaultLimits = Limits{
	MessageBytes:      64 << 20,
	NestingDepth:      64,
	Sessions:          64,
	Subscriptions:     256,
	PendingRequests:   64,
	Connections:       384, // each subscription may have its own, and somebody must get in besides
	IdleTimeout:       time.Hour,
	MinSampleInterval: 100 * time.Millisecond,
}

const runUsage = `usage: outrigger run [flags]

Serves gNMI and NETCONF, and keeps the dataplane as configured, until SIGTERM.

`

const fileUsage = `
What stands in the file only:
  users             name, password-hash (outrigger hash-password), ssh-keys of each
  tls               certificate, key, client-ca: PEM files, read again when they change
  ssh               host-key: a private key file; without it one is made in state-dir
  boot              an RFC 7951 JSON file: the configuration where state-dir holds none yet
  route-protocol    marks what is Outrigger's own in the kernel (default 171)
  vpp               api-socket (default /run/vpp/api.sock), stats-socket (default /run/vpp/stats.sock),
                    while-away: refuse commits (the default), or pending: take them
  limits            message-bytes (default 67108864), nesting-depth (64), sessions (64),
                    subscriptions (256), pending-requests (64), connections (384),
                    idle-timeout (1h; -1s: none), min-sample-interval (100ms)
`

func flagText(fs *flag.FlagSet) string {
	var b strings.Builder
	fs.SetOutput(&b)
	fs.PrintDefaults()
	return b.String()
}

// parseConfig reads the command line of run, and the file that it names.
func parseConfig(args []string) (*Config, error) {
	c := &Config{LogLevel: "info", LogFormat: "text", Backend: "netlink", RouteProtocol: 171}
	var file string
	fs := flag.NewFlagSet("outrigger run", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&file, "config", "", "YAML `file`; every flag can stand in it under the same name")
	fs.StringVar(&c.Listen, "listen", "", "`address` of gRPC and HTTP over TLS (default "+defaultListen+"; with --dev "+devListen+")")
	fs.StringVar(&c.NETCONFListen, "netconf-listen", "", "`address` of NETCONF over SSH (default "+defaultNETCONFListen+"; with --dev "+devNETCONFListen+")")
	fs.StringVar(&c.StateDir, "state-dir", "", "`directory` that keeps the configuration (default "+defaultStateDir+"; with --dev nothing is kept unless one is given)")
	fs.StringVar(&c.Backend, "backend", c.Backend, "dataplane: `netlink` (the Linux kernel) or vpp (FD.io VPP)")
	fs.BoolVar(&c.Dev, "dev", false, "loopback only, ephemeral, self-signed certificate, user admin with password admin")
	fs.BoolVar(&c.Insecure, "insecure", false, "plaintext instead of TLS; with --dev only")
	fs.StringVar(&c.LogLevel, "log-level", c.LogLevel, "`level`: debug, info, warn or error")
	fs.StringVar(&c.LogFormat, "log-format", c.LogFormat, "`format`: text or json")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, helpText(runUsage + flagText(fs) + fileUsage)
		}
		return nil, usageError{err}
	}
	if fs.NArg() > 0 {
		return nil, usageError{fmt.Errorf("run takes no argument, got %q", fs.Arg(0))}
	}
	if file != "" {
		if err := c.readFile(file); err != nil {
			return nil, err
		}
		// The command line wins over the file.
		if err := fs.Parse(args); err != nil {
			return nil, usageError{err}
		}
	}
	return c, c.complete()
}

func (c *Config) readFile(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		text := err.Error()
		for _, term := range goTerms {
			text = term.is.ReplaceAllString(text, term.says)
		}
		return fmt.Errorf("--config %s: %s", name, text)
	}
	return nil
}

// goTerms are what yaml says of keys and values in the words of Go, and what that is
// to those who do not know Go.
var goTerms = []struct {
	is   *regexp.Regexp
	says string
}{
	{regexp.MustCompile(`^yaml: unmarshal errors:\n +`), ""},
	{regexp.MustCompile(`field (\S+) not found in type \S+`), `there is no setting "$1"`},
	{regexp.MustCompile("cannot unmarshal \\S+ (`.*`) into bool"), "$1 is neither true nor false"},
	{regexp.MustCompile("cannot unmarshal \\S+ (`.*`) into time.Duration"), "$1 is no duration; 90s or 1h30m would be"},
	{regexp.MustCompile("cannot unmarshal \\S+ (`.*`) into uint8"), "$1 is no number from 0 to 255"},
	{regexp.MustCompile("cannot unmarshal \\S+ (`.*`) into int"), "$1 is no number"},
	{regexp.MustCompile("cannot unmarshal !!(map|seq)( `.*`)? into string"), "one value is expected here, not several"},
	{regexp.MustCompile("cannot unmarshal !!\\S+( `.*`)? into \\[\\]\\S+"), "a list is expected here$1"},
	{regexp.MustCompile("cannot unmarshal !!\\S+( `.*`)? into \\S+"), "settings are expected below this one, not one value$1"},
}

// complete fills in the defaults and refuses what cannot stand together.
func (c *Config) complete() error {
	listen, netconf := defaultListen, defaultNETCONFListen
	if c.Dev {
		listen, netconf = devListen, devNETCONFListen
	} else if c.StateDir == "" {
		c.StateDir = defaultStateDir
	}
	if c.Listen == "" {
		c.Listen = listen
	}
	if c.NETCONFListen == "" {
		c.NETCONFListen = netconf
	}
	if err := c.Limits.check(); err != nil {
		return err
	}
	c.Limits = c.Limits.withDefaults()
	c.VPP = c.VPP.withDefaults()
	switch {
	case c.Backend != "netlink" && c.Backend != "vpp":
		return usageError{fmt.Errorf("--backend %q is neither netlink nor vpp", c.Backend)}
	case c.VPP.WhileAway != "refuse" && c.VPP.WhileAway != "pending":
		return usageError{fmt.Errorf("vpp: while-away: %q is neither refuse nor pending", c.VPP.WhileAway)}
	case c.Insecure && !c.Dev:
		return usageError{errors.New("--insecure goes with --dev only: a sidecar speaks TLS")}
	case c.LogFormat != "text" && c.LogFormat != "json":
		return usageError{fmt.Errorf("--log-format %q is neither text nor json", c.LogFormat)}
	}
	if _, err := c.logLevel(); err != nil {
		return usageError{err}
	}
	if whose := routeProtocols[c.RouteProtocol]; whose != "" {
		return fmt.Errorf("route-protocol: %d is that of %s, whose routes would be taken for Outrigger's own; give one that nobody else uses, as the default, 171, is",
			c.RouteProtocol, whose)
	}
	for name, address := range map[string]string{"--listen": c.Listen, "--netconf-listen": c.NETCONFListen} {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return usageError{fmt.Errorf("%s: %w", name, err)}
		}
		if c.Dev && !isLoopback(host) {
			return usageError{fmt.Errorf("%s %s: --dev listens on loopback only, for its password is known to everybody", name, address)}
		}
	}
	if !c.Dev && len(c.Users) == 0 {
		return errors.New("users: there is nobody who could log in; name at least one in the configuration file (`outrigger hash-password` makes a password-hash)")
	}
	return nil
}

func (v VPP) withDefaults() VPP {
	set := func(s *string, d string) {
		if *s == "" {
			*s = d
		}
	}
	set(&v.APISocket, "/run/vpp/api.sock")
	set(&v.StatsSocket, "/run/vpp/stats.sock")
	set(&v.WhileAway, "refuse")
	return v
}

// check refuses what would be less than nothing. A negative IdleTimeout is none.
func (l Limits) check() error {
	for name, v := range map[string]int{
		"message-bytes": l.MessageBytes, "nesting-depth": l.NestingDepth, "sessions": l.Sessions, "subscriptions": l.Subscriptions,
		"pending-requests": l.PendingRequests, "connections": l.Connections, "min-sample-interval": int(l.MinSampleInterval),
	} {
		if v < 0 {
			return fmt.Errorf("limits: %s is less than 0; leave it out for the default", name)
		}
	}
	return nil
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	set(&l.MessageBytes, defaultLimits.MessageBytes)
	set(&l.NestingDepth, defaultLimits.NestingDepth)
	set(&l.Sessions, defaultLimits.Sessions)
	set(&l.Subscriptions, defaultLimits.Subscriptions)
	set(&l.PendingRequests, defaultLimits.PendingRequests)
	set(&l.Connections, defaultLimits.Connections)
	if l.IdleTimeout == 0 {
		l.IdleTimeout = defaultLimits.IdleTimeout
	}
	if l.MinSampleInterval == 0 {
		l.MinSampleInterval = defaultLimits.MinSampleInterval
	}
	return l
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c *Config) logLevel() (level slog.Level, err error) {
	if err := level.UnmarshalText([]byte(strings.ToUpper(c.LogLevel))); err != nil {
		return 0, fmt.Errorf("--log-level %q is none of debug, info, warn, error", c.LogLevel)
	}
	return level, nil
}

// logger makes the log of the run.
func (c *Config) logger(w io.Writer) *slog.Logger {
	level, _ := c.logLevel() // complete has checked it
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// routeProtocols are the marks of routes that have an owner (linux/rtnetlink.h).
var routeProtocols = map[uint8]string{
	unix.RTPROT_REDIRECT: "redirects", unix.RTPROT_KERNEL: "the kernel", unix.RTPROT_BOOT: "what has no other", unix.RTPROT_STATIC: "the administrator",
	unix.RTPROT_GATED: "GateD", unix.RTPROT_RA: "router advertisements", unix.RTPROT_MRT: "MRT", unix.RTPROT_ZEBRA: "Zebra",
	unix.RTPROT_BIRD: "BIRD", unix.RTPROT_DNROUTED: "DECnet's routing daemon", unix.RTPROT_XORP: "XORP", unix.RTPROT_NTK: "Netsukuku",
	unix.RTPROT_DHCP: "DHCP clients", unix.RTPROT_MROUTED: "mrouted", unix.RTPROT_KEEPALIVED: "keepalived", unix.RTPROT_BABEL: "Babel",
	unix.RTPROT_OPENR: "Open/R", unix.RTPROT_BGP: "BGP daemons", unix.RTPROT_ISIS: "IS-IS daemons", unix.RTPROT_OSPF: "OSPF daemons",
	unix.RTPROT_RIP: "RIP daemons", unix.RTPROT_EIGRP: "EIGRP daemons",
}
