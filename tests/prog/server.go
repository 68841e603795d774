// A server for the tests of `startup`: server PORT tells each client what it can
// open, from several threads.
package main

import (
	"fmt"
	"net"
	"os"
	"sync"
)

func trial() string {
	if _, err := os.Open("/etc/passwd"); err != nil {
		return "denied"
	}
	return "opened"
}

func main() {
	var done sync.WaitGroup
	for i := 0; i < 8; i++ {
		done.Add(1)
		go func() { trial(); done.Done() }()
	}
	done.Wait()
	fmt.Println("before:", trial())
	server, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for {
		client, err := server.Accept()
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		go func() {
			fmt.Fprintln(client, trial())
			client.Close()
		}()
	}
}
