// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a Go program asks of a runtime: its own scheduler and collector on top
// of poll_oneoff and the clock, reflection (JSON), large tables of functions,
// files, standard input, arguments and exit codes.
//
//	real DIR          everything, inside DIR; exits with 0
//	real DIR exit N   exits with N
//	real DIR panic    panics: a message on standard error, exits with 2
//	real DIR work N   computes, N times: what bench/run measures
//
// The output must not depend on the host: no times, no order of a map.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"time"
)

func check(err error) {
	if err != nil {
		fmt.Println("unexpected error:", err)
		os.Exit(3)
	}
}

// Primes through a chain of filters, one goroutine each.
func primes(count int) []int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	send := func(out chan<- int, value int) bool {
		select {
		case out <- value:
			return true
		case <-ctx.Done():
			return false
		}
	}
	source := make(chan int)
	go func() {
		for n := 2; send(source, n); n++ {
		}
	}()
	var found []int
	for in := source; len(found) < count; {
		prime := <-in
		found = append(found, prime)
		out := make(chan int)
		go func(in <-chan int) {
			for {
				select {
				case n := <-in:
					if n%prime != 0 && !send(out, n) {
						return
					}
				case <-ctx.Done():
					return
				}
			}
		}(in)
		in = out
	}
	return found
}

func goroutines() {
	fmt.Println("primes", primes(60)[50:])

	var lock sync.Mutex
	var group sync.WaitGroup
	counts := map[string]int{}
	for worker := 0; worker < 50; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for i := 0; i < 200; i++ {
				lock.Lock()
				counts[fmt.Sprintf("key%02d", (worker*i)%17)]++
				lock.Unlock()
				if i%50 == 0 {
					runtime.Gosched()
				}
			}
		}(worker)
	}
	group.Wait()
	keys := make([]string, 0, len(counts))
	for key := range counts {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys[:5] {
		fmt.Print(key, "=", counts[key], " ")
	}
	fmt.Println(len(keys), "keys")

	slow := make(chan string, 1)
	go func() {
		time.Sleep(2 * time.Second)
		slow <- "slow"
	}()
	start := time.Now()
	select {
	case word := <-slow:
		fmt.Println(word)
	case <-time.After(30 * time.Millisecond):
		fmt.Println("timeout, waited", time.Since(start) >= 30*time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	fmt.Println("context:", ctx.Err())
}

type Point struct {
	X, Y float64
	Tag  string `json:"tag,omitempty"`
}

type Drawing struct {
	Name   string             `json:"name"`
	Points []Point            `json:"points"`
	Notes  map[string]any     `json:"notes"`
	Inner  *Drawing           `json:"inner,omitempty"`
	Scales map[string]float32 `json:"scales"`
	When   time.Time          `json:"when"`
}

func encoding() {
	drawing := Drawing{
		Name:   "Zeichnung \"1\" <ü>",
		Points: []Point{{1, 2.5, "a"}, {-0.125, 1e21, ""}},
		Notes:  map[string]any{"z": nil, "a": []int{1, 2}, "m": true},
		Inner:  &Drawing{Name: "inner"},
		Scales: map[string]float32{"half": 0.5, "third": 1.0 / 3},
		When:   time.Date(2024, 2, 29, 23, 59, 58, 7, time.UTC),
	}
	text, err := json.MarshalIndent(drawing, "", " ")
	check(err)
	fmt.Println(string(text))
	var back Drawing
	check(json.Unmarshal(text, &back))
	again, err := json.MarshalIndent(back, "", " ")
	check(err)
	fmt.Println("round trip", bytes.Equal(text, again))
	var syntax *json.SyntaxError
	err = json.Unmarshal([]byte(`{"name": tru}`), &back)
	fmt.Println("syntax", errors.As(err, &syntax), err)
	fmt.Println(back.When.AddDate(0, 0, 1).Format(time.RFC1123))

	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	long := strings.Repeat("all work and no play ", 5000)
	_, err = writer.Write([]byte(long))
	check(err)
	check(writer.Close())
	reader, err := gzip.NewReader(&packed)
	check(err)
	unpacked, err := io.ReadAll(reader)
	check(err)
	fmt.Println("gzip", string(unpacked) == long)
	sum := sha256.Sum256(unpacked)
	fmt.Println("sha256", base64.StdEncoding.EncodeToString(sum[:]))
}

func text() {
	dates := regexp.MustCompile(`(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)`)
	line := "from 2024-01-31 until 2025-12-01, not 24-1-1"
	fmt.Println(dates.FindAllStringSubmatch(line, -1))
	fmt.Println(dates.ReplaceAllString(line, "${d}.${m}.${y}"))
	slow := regexp.MustCompile(`^(a+)+$`)
	fmt.Println(slow.MatchString(strings.Repeat("a", 2000) + "b"))

	page := template.Must(template.New("page").Parse(
		"{{range $i, $w := .}}{{if $i}}, {{end}}{{printf \"%q\" $w}}{{end}}\n"))
	check(page.Execute(os.Stdout, strings.Fields(" uno  dos tres ")))
	fmt.Println(strconv.Quote("tab\t日本\x00"), strings.ToUpper("straße é"))
	fmt.Println([]rune("añb"), []byte("añb"), strings.EqualFold("Σ", "ς"))
}

type person struct {
	name string
	age  int
}

func numbers() {
	random := uint64(88172645463325252)
	next := func() uint64 {
		random ^= random << 13
		random ^= random >> 7
		random ^= random << 17
		return random
	}
	values := make([]int, 20000)
	for i := range values {
		values[i] = int(next() % 1000003)
	}
	sort.Ints(values)
	fmt.Println(sort.IntsAreSorted(values), values[0], values[9999])
	at := sort.SearchInts(values, 500000)
	fmt.Println(at, values[at])
	people := []person{{"Eva", 30}, {"Bob", 25}, {"Ada", 30}, {"Cyd", 25}}
	sort.SliceStable(people, func(i, j int) bool {
		return people[i].age < people[j].age
	})
	fmt.Println(people)

	factorial := big.NewInt(1)
	for i := int64(2); i <= 60; i++ {
		factorial.Mul(factorial, big.NewInt(i))
	}
	fmt.Println(factorial)
	fmt.Println(math.Sqrt(2), math.Inf(1), math.MaxUint32, float32(0.1))
	fmt.Printf("%x %b %08.3f %+d %e %v\n", 255, 5, math.Pi, 7, 12345.678,
		math.Copysign(0, -1))
	shift := uint(len(values)) - 19935
	fmt.Println(1<<shift, int64(math.MinInt64)/int64(shift-66), -7>>1, -7/2)
}

// Fills and drops enough memory for the collector to run many times.
func garbage() {
	type node struct {
		left, right *node
	}
	var build func(depth int) *node
	build = func(depth int) *node {
		if depth == 0 {
			return &node{}
		}
		return &node{build(depth - 1), build(depth - 1)}
	}
	var count func(*node) int
	count = func(n *node) int {
		if n.left == nil {
			return 1
		}
		return count(n.left) + count(n.right)
	}
	kept := build(12)
	total := 0
	for i := 0; i < 30; i++ {
		total += count(build(10))
	}
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	fmt.Println("garbage", total, count(kept), stats.NumGC > 0)
}

func failures() {
	try := func(name string, do func()) {
		defer func() { fmt.Println(name, "->", recover()) }()
		do()
	}
	var none *person
	var empty []int
	zero := len(empty)
	try("nil", func() { none.age = 1 })
	try("index", func() { fmt.Println(empty[zero]) })
	try("divide", func() { fmt.Println(1 / zero) })
	try("assertion", func() { fmt.Println(any("text").(int)) })
	try("close", func() {
		var c chan int
		close(c)
	})
	wrapped := fmt.Errorf("outer: %w", os.ErrNotExist)
	fmt.Println(wrapped, errors.Is(wrapped, fs.ErrNotExist))
}

func files(dir string) {
	root := filepath.Join(dir, "go-data")
	check(os.MkdirAll(filepath.Join(root, "a", "b"), 0o755))
	for i := 0; i < 10; i++ {
		name := filepath.Join(root, "a", fmt.Sprintf("f%d.txt", i))
		check(os.WriteFile(name, bytes.Repeat([]byte{'x'}, i*10), 0o644))
	}
	check(filepath.WalkDir(root,
		func(path string, entry fs.DirEntry, err error) error {
			check(err)
			relative, err := filepath.Rel(root, path)
			check(err)
			fmt.Print(filepath.ToSlash(relative), " ")
			return nil
		}))
	fmt.Println()

	name := filepath.Join(root, "log")
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	check(err)
	writer := bufio.NewWriter(file)
	for i := 0; i < 1000; i++ {
		fmt.Fprintln(writer, "line", i)
	}
	check(writer.Flush())
	_, err = file.WriteAt([]byte("LINE"), 0)
	check(err)
	_, err = file.Seek(-4, io.SeekEnd)
	check(err)
	tail, err := io.ReadAll(file)
	check(err)
	info, err := file.Stat()
	check(err)
	fmt.Printf("tail %q size %d dir %v\n", tail, info.Size(), info.IsDir())
	check(file.Truncate(17))
	check(file.Close())
	content, err := os.ReadFile(name)
	check(err)
	fmt.Printf("%q\n", content)
	check(os.Rename(name, filepath.Join(root, "moved")))
	_, err = os.Stat(name)
	fmt.Println("gone", errors.Is(err, fs.ErrNotExist))
	err = os.Remove(filepath.Join(root, "a"))
	fmt.Println("not empty", err != nil)
	check(os.RemoveAll(root))
	_, err = os.Stat(root)
	fmt.Println("removed", errors.Is(err, fs.ErrNotExist))
}

func input() {
	words := map[string]int{}
	scanner := bufio.NewScanner(os.Stdin)
	lines := 0
	for scanner.Scan() {
		lines++
		for _, word := range strings.Fields(scanner.Text()) {
			words[strings.ToLower(word)]++
		}
	}
	check(scanner.Err())
	fmt.Println("input", lines, "lines", words)
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: real DIR [ARGS...]")
		os.Exit(2)
	}
	if len(os.Args) > 2 && os.Args[2] == "exit" {
		code, err := strconv.Atoi(os.Args[3])
		check(err)
		os.Exit(code)
	}
	if len(os.Args) > 2 && os.Args[2] == "panic" {
		fmt.Println("before")
		panic("asked for")
	}
	if len(os.Args) > 2 && os.Args[2] == "work" {
		count, err := strconv.Atoi(os.Args[3])
		check(err)
		for ; count > 0; count-- {
			encoding()
			text()
			numbers()
		}
		return
	}
	fmt.Printf("%q %q\n", os.Args[2:], os.Getenv("GREETING"))
	goroutines()
	encoding()
	text()
	numbers()
	garbage()
	failures()
	files(os.Args[1])
	input()
}
