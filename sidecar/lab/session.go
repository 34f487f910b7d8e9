package main

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"time"
)

// printSession waits until the agent serves and says what to do with it. If the
// agent ends before, its own words are all that is printed.
func printSession(pid int, root bool) {
	go func() {
		client := &http.Client{
			Timeout: time.Second,
			// The certificate is made anew with each run.
			Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		}
		defer client.CloseIdleConnections()
		for {
			resp, err := client.Get("https://" + gnmiAddress + "/readyz")
			if err == nil {
				resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					break
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
		enter := fmt.Sprintf("nsenter --target %d --net", pid)
		if !root {
			enter = fmt.Sprintf("nsenter --target %d --user --net --preserve-credentials", pid)
		}
		fmt.Printf(session, enter)
	}()
}

const session = `
Outrigger runs in a network namespace of its own, with the interface net1.

  gNMI      127.0.0.1:9339   TLS, self-signed
  NETCONF   127.0.0.1:8300   SSH
  user      admin            password admin

Give net1 an address and look at it, in another terminal and the top folder of the
project (make tools builds gnmic; the key of the SSH server is another with each run):

  export PATH=$PWD/.cache/tools:$PATH
  gnmic -a 127.0.0.1:9339 -u admin -p admin --skip-verify -e json_ietf set \
    --update-path '/interfaces/interface[name=net1]' --update-file examples/net1.json
  gnmic -a 127.0.0.1:9339 -u admin -p admin --skip-verify -e json_ietf get \
    --path '/interfaces/interface[name=net1]'
  ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -p 8300 -s admin@127.0.0.1 netconf
  %s ip address show dev net1

Ctrl-C ends it; nothing is left behind.

`
