// Runs one command with masterzen/winrm, the client that Terraform and Packer use. One JSON document in on stdin, one out on stdout.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"time"

	"github.com/masterzen/winrm"
)

type question struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	TLS      bool   `json:"tls"`
	Auth     string `json:"auth"`
	Username string `json:"username"`
	Password string `json:"password"`
	CAFile   string `json:"ca_file"`
	Command  string `json:"command"`
	Stdin    string `json:"stdin"`
}

type reply struct {
	Stdout   []byte `json:"stdout"`
	Stderr   []byte `json:"stderr"`
	ExitCode int    `json:"exit_code"`
	Error    string `json:"error,omitempty"`
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	answer, err := run(asked)
	if err != nil {
		answer = reply{Error: err.Error()}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		panic(err)
	}
}

func run(asked question) (reply, error) {
	var ca []byte
	if asked.CAFile != "" {
		var err error
		if ca, err = os.ReadFile(asked.CAFile); err != nil {
			return reply{}, err
		}
	}
	endpoint := winrm.NewEndpoint(asked.Host, asked.Port, asked.TLS, false, ca, nil, nil, 15*time.Second)
	parameters := *winrm.DefaultParameters
	if asked.Auth == "ntlm" {
		parameters.TransportDecorator = func() winrm.Transporter { return &winrm.ClientNTLM{} }
	}
	client, err := winrm.NewClientWithParameters(endpoint, asked.Username, asked.Password, &parameters)
	if err != nil {
		return reply{}, err
	}
	var stdout, stderr bytes.Buffer
	code, err := client.RunWithInput(asked.Command, &stdout, &stderr, bytes.NewBufferString(asked.Stdin))
	return reply{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), ExitCode: code}, err
}
