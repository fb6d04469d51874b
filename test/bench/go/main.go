// One command line on every host with masterzen/winrm, a goroutine for each host at once: NTLM with sealing, which this client signs on for anew
// with each message. The task is JSON on stdin, what it used JSON on stdout.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/masterzen/winrm"
)

type task struct {
	Ports       []int  `json:"ports"`
	Username    string `json:"username"`
	Password    string `json:"password"`
	CommandLine string `json:"commandLine"`
	Expected    string `json:"expected"`
	Concurrency int    `json:"concurrency"`
}

func main() {
	var asked task
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	// The client takes net/http's usual transport, which keeps 100 idle connections: with more hosts at once it would lose the one that it
	// signed on over, and panic at the empty 401.
	http.DefaultTransport.(*http.Transport).MaxIdleConns = 0
	ports := make(chan int)
	var workers sync.WaitGroup
	for range make([]struct{}, asked.Concurrency) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for port := range ports {
				if err := run(asked, port); err != nil {
					fmt.Fprintf(os.Stderr, "port %d: %v\n", port, err)
					os.Exit(1)
				}
			}
		}()
	}
	for _, port := range asked.Ports {
		ports <- port
	}
	close(ports)
	workers.Wait()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	cpu := time.Duration(used.Utime.Nano() + used.Stime.Nano())
	fmt.Printf(`{"cpuMs": %d, "peakMemoryMb": %d}`+"\n", cpu.Milliseconds(), used.Maxrss/1024)
}

func run(asked task, port int) error {
	endpoint := winrm.NewEndpoint("127.0.0.1", port, false, false, nil, nil, nil, 90*time.Second)
	parameters := *winrm.DefaultParameters
	var wrong error
	parameters.TransportDecorator = func() winrm.Transporter {
		sealed, err := winrm.NewEncryption("ntlm")
		wrong = err
		return sealed
	}
	client, err := winrm.NewClientWithParameters(endpoint, asked.Username, asked.Password, &parameters)
	if err != nil {
		return err
	}
	if wrong != nil {
		return wrong
	}
	var stdout, stderr bytes.Buffer
	if _, err := client.RunWithContext(context.Background(), asked.CommandLine, &stdout, &stderr); err != nil {
		return err
	}
	if !strings.Contains(stdout.String(), asked.Expected) {
		return fmt.Errorf("an answer is not whole: %q %q", stdout.String(), stderr.String())
	}
	return nil
}
