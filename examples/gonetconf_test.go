package examples

import (
	"errors"
	"fmt"
	"os"

	"github.com/Juniper/go-netconf/netconf"
	"golang.org/x/crypto/ssh"
)

// goNetconf is a command for scenarios, made of a client library that nobody
// here wrote:
//
//	gonetconf get-config DATASTORE
//	gonetconf edit-config DATASTORE FILE
//	gonetconf rpc FILE
func goNetconf() {
	if err := goNetconfCommand(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func goNetconfCommand(args []string) error {
	var method netconf.RPCMethod
	switch {
	case len(args) == 2 && args[0] == "get-config":
		method = netconf.MethodGetConfig(args[1])
	case len(args) == 3 && args[0] == "edit-config":
		text, err := os.ReadFile(args[2])
		if err != nil {
			return err
		}
		method = netconf.MethodEditConfig(args[1], string(text))
	case len(args) == 2 && args[0] == "rpc":
		text, err := os.ReadFile(args[1])
		if err != nil {
			return err
		}
		method = netconf.RawMethod(text)
	default:
		return fmt.Errorf("usage: gonetconf get-config DATASTORE | edit-config DATASTORE FILE | rpc FILE")
	}
	config := netconf.SSHConfigPassword("admin", "admin")
	config.HostKeyCallback = ssh.InsecureIgnoreHostKey() // the key is new with each namespace
	session, err := netconf.DialSSH("127.0.0.1:8300", config)
	if err != nil {
		return err
	}
	defer session.Close()
	reply, err := session.Exec(method)
	if e, ok := errors.AsType[*netconf.RPCError](err); ok {
		return fmt.Errorf("%s %s: %w", e.Tag, e.Path, e)
	}
	if err != nil {
		return err
	}
	fmt.Println(reply.Data)
	return nil
}
