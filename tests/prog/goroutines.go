// SPDX-License-Identifier: MIT

// A program in Go that does one thing:
//
//	goroutines sum             adds numbers up in eight goroutines
//	goroutines read FILE       the contents of FILE
//	goroutines start PROGRAM   starts another program
//	goroutines exec PROGRAM    becomes another program
//	goroutines serve           answers one TCP client; prints its own port
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func sum() {
	sums := make(chan int)
	for part := 0; part < 8; part++ {
		go func(part int) {
			total := 0
			for i := part * 1000; i < (part+1)*1000; i++ {
				total += i
				if i%100 == 0 {
					runtime.Gosched()
				}
			}
			time.Sleep(time.Millisecond)
			sums <- total
		}(part)
	}
	total := 0
	for part := 0; part < 8; part++ {
		total += <-sums
	}
	runtime.GC()
	fmt.Println("sum", total)
}

func serve() {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	check(err)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	client, err := listener.Accept()
	check(err)
	_, err = io.WriteString(client, "served\n")
	check(err)
	check(client.Close())
}

func main() {
	argument := ""
	if len(os.Args) > 2 {
		argument = os.Args[2]
	}
	switch os.Args[1] {
	case "sum":
		sum()
	case "read":
		text, err := os.ReadFile(argument)
		check(err)
		os.Stdout.Write(text)
	case "start":
		files := []uintptr{0, 1, 2}
		pid, err := syscall.ForkExec(argument, []string{argument, "started"},
			&syscall.ProcAttr{Files: files})
		check(err)
		_, err = syscall.Wait4(pid, nil, 0, nil)
		check(err)
	case "exec":
		check(syscall.Exec(argument, []string{argument, "started"},
			os.Environ()))
	case "serve":
		serve()
	}
}
