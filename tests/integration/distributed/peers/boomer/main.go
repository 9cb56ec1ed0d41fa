// A Boomer worker that sends GET requests to a target; arguments: the master's port and the target's URL.
package main

import (
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/myzhan/boomer"
)

func main() {
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	url := os.Args[2] + "/slow"
	worker := boomer.NewBoomer("127.0.0.1", port)
	get := func() {
		started := time.Now()
		answer, err := http.Get(url)
		elapsed := time.Since(started).Milliseconds()
		if err != nil {
			worker.RecordFailure("GET", "/boomer", elapsed, err.Error())
			return
		}
		length, _ := io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		worker.RecordSuccess("GET", "/boomer", elapsed, length)
	}
	done := make(chan bool)
	boomer.Events.Subscribe("boomer:quit", func() {
		go func() {
			// Its last report is on its way.
			time.Sleep(500 * time.Millisecond)
			done <- true
		}()
	})
	worker.Run(&boomer.Task{Name: "get", Weight: 1, Fn: get})
	<-done
}
