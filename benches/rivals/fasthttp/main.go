// Sends GETs to one URL from a number of goroutines for some seconds, each on a connection of its own that is kept.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

func main() {
	users := flag.Int("c", 20, "goroutines")
	seconds := flag.Int("d", 5, "seconds")
	flag.Parse()
	url := flag.Arg(0)

	var requests, failures atomic.Int64
	var running sync.WaitGroup
	end := time.Now().Add(time.Duration(*seconds) * time.Second)
	for range make([]struct{}, *users) {
		running.Add(1)
		go func() {
			defer running.Done()
			client := fasthttp.Client{TLSConfig: &tls.Config{InsecureSkipVerify: true}}
			request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			request.SetRequestURI(url)
			for time.Now().Before(end) {
				if err := client.Do(request, response); err != nil || response.StatusCode() != 200 {
					failures.Add(1)
					continue
				}
				requests.Add(1)
			}
		}()
	}
	running.Wait()
	fmt.Printf("requests: %d\n", requests.Load())
	if failures.Load() > 0 {
		fmt.Fprintf(os.Stderr, "%d requests failed\n", failures.Load())
		os.Exit(1)
	}
}
