// Accepts a log's checkpoint and one tlog-proof with golang.org/x/mod alone, and refuses every
// change of them that is tried.
//
//	accept <vkey file> <checkpoint> [<tlog-proof> <entry>]
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type tree struct {
	size int64
	root tlog.Hash
}

func openCheckpoint(text string, vkey string) (tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree{}, err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tree{}, fmt.Errorf("not a root")
	}
	return tree{size, tlog.Hash(root)}, nil
}

type proof struct {
	index      int64
	hashes     tlog.RecordProof
	checkpoint string
}

func parseProof(text string) (proof, error) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return proof{}, fmt.Errorf("not a tlog-proof")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return proof{}, fmt.Errorf("no index")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return proof{}, err
	}
	out := proof{index: index, checkpoint: checkpoint}
	for _, line := range lines[1:] {
		hash, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return proof{}, fmt.Errorf("not a hash")
		}
		out.hashes = append(out.hashes, tlog.Hash(hash))
	}
	return out, nil
}

func checkProof(p proof, vkey string, entry []byte) error {
	at, err := openCheckpoint(p.checkpoint, vkey)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(p.hashes, at.size, at.root, p.index, tlog.RecordHash(entry))
}

func read(path string) []byte {
	bytes, err := os.ReadFile(path)
	if err != nil {
		fail("%v", err)
	}
	return bytes
}

func fail(format string, arguments ...any) {
	fmt.Printf("x/mod: "+format+"\n", arguments...)
	os.Exit(1)
}

// Each line of the text with another first character, size or digit.
func changedCheckpoints(text string) []string {
	var out []string
	for at, c := range text {
		other := map[rune]string{'0': "1", '1': "2", 'A': "B", 'e': "f", 'o': "p"}[c]
		if other != "" && at < strings.LastIndex(text, "\n\n") {
			out = append(out, text[:at]+other+text[at+1:])
		}
	}
	lastLine := text[strings.LastIndex(strings.TrimSuffix(text, "\n"), " ")+1:]
	middle := len(lastLine) / 2
	swapped := "A"
	if lastLine[middle] == 'A' {
		swapped = "B"
	}
	return append(out, strings.TrimSuffix(text, lastLine)+lastLine[:middle]+swapped+lastLine[middle+1:])
}

func checkpoints(text string, vkey string) tree {
	at, err := openCheckpoint(text, vkey)
	if err != nil {
		fail("the checkpoint: %v", err)
	}
	changed := changedCheckpoints(ownSignature(text, vkey))
	if len(changed) < 3 {
		fail("too little to change")
	}
	for _, other := range changed {
		if _, err := openCheckpoint(other, vkey); err == nil {
			fail("accepted a changed checkpoint:\n%s", other)
		}
	}
	fmt.Printf("x/mod: accepted the checkpoint of %d entries, refused %d changed ones\n", at.size,
		len(changed))
	return at
}

// The checkpoint with the log's own line alone, so that the last line is one that is looked at.
func ownSignature(text string, vkey string) string {
	split := strings.LastIndex(text, "\n\n") + 2
	name, _, _ := strings.Cut(vkey, "+")
	out := text[:split]
	for _, line := range strings.SplitAfter(text[split:], "\n") {
		if strings.HasPrefix(line, "— "+name+" ") {
			out += line
		}
	}
	return out
}

func proofs(text string, vkey string, entry []byte) {
	good, err := parseProof(text)
	if err != nil {
		fail("the proof: %v", err)
	}
	if err := checkProof(good, vkey, entry); err != nil {
		fail("the proof: %v", err)
	}
	refused := 0
	refuse := func(what string, changed proof, entry []byte) {
		if checkProof(changed, vkey, entry) == nil {
			fail("accepted %s", what)
		}
		refused++
	}
	flipped := append([]byte{}, entry...)
	flipped[len(flipped)/2] ^= 1
	refuse("another entry", good, flipped)
	refuse("a shorter entry", good, entry[:len(entry)-1])
	other := good
	other.index ^= 1
	refuse("another index", other, entry)
	for i := range good.hashes {
		other = good
		other.hashes = append(tlog.RecordProof{}, good.hashes...)
		other.hashes[i][7] ^= 1
		refuse("another hash", other, entry)
	}
	other = good
	other.hashes = append(append(tlog.RecordProof{}, good.hashes...), tlog.Hash{})
	refuse("a hash more", other, entry)
	if len(good.hashes) > 0 {
		other.hashes = good.hashes[:len(good.hashes)-1]
		refuse("a hash less", other, entry)
	}
	fmt.Printf("x/mod: accepted the proof of entry %d by %d hashes, refused %d changed ones\n",
		good.index, len(good.hashes), refused)
}

func main() {
	if len(os.Args) != 3 && len(os.Args) != 5 {
		fail("accept <vkey file> <checkpoint> [<tlog-proof> <entry>]")
	}
	vkey := strings.TrimSpace(string(read(os.Args[1])))
	checkpoints(string(read(os.Args[2])), vkey)
	if len(os.Args) == 5 {
		proofs(string(read(os.Args[3])), vkey, read(os.Args[4]))
	}
}
