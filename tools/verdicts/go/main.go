// Command verdicts tells what go-spiffe makes of the texts that it gets as JSON on its standard input. It answers with one
// verdict for each text, in the same order, as JSON on its standard output.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/spiffebundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

type questions struct {
	// Key is the private key of the leaf of all chains, in PEM.
	Key string `json:"key"`
	// Chains are PEM texts.
	Chains [][]byte `json:"chains"`
	// Documents are trust bundles in JSON.
	Documents [][]byte `json:"documents"`
	// SVIDs are chains and the authorities to verify them with. SVIDKey is the private key of their leaves, in PEM.
	SVIDs   []svidQuestion `json:"svids"`
	SVIDKey string         `json:"svidKey"`
}

type answers struct {
	// Go and GoSpiffe are versions.
	Go        string            `json:"go"`
	GoSpiffe  string            `json:"goSpiffe"`
	Chains    []chainVerdict    `json:"chains"`
	Documents []documentVerdict `json:"documents"`
	SVIDs     []svidVerdict     `json:"svids"`
}

// chainVerdict has either an error or the SHA-256 of each certificate that was read, in hex.
type chainVerdict struct {
	Refused      string   `json:"refused,omitempty"`
	Certificates []string `json:"certificates,omitempty"`
}

// documentVerdict has either an error or the contents of the bundle. Certificates are SHA-256 in hex.
type documentVerdict struct {
	Refused      string   `json:"refused,omitempty"`
	Sequence     string   `json:"sequence,omitempty"`
	RefreshHint  string   `json:"refreshHint,omitempty"`
	Certificates []string `json:"certificates,omitempty"`
	KeyIDs       []string `json:"keyIds,omitempty"`
}

func main() {
	var asked questions
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatalf("the questions on standard input cannot be read: %v", err)
	}
	answered := answers{Go: runtime.Version(), GoSpiffe: versionOf("github.com/spiffe/go-spiffe/v2")}
	for _, chain := range asked.Chains {
		answered.Chains = append(answered.Chains, judgeChain(chain, []byte(asked.Key)))
	}
	for _, document := range asked.Documents {
		answered.Documents = append(answered.Documents, judgeDocument(document))
	}
	for _, svid := range asked.SVIDs {
		answered.SVIDs = append(answered.SVIDs, judgeSVID(svid, []byte(asked.SVIDKey)))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answered); err != nil {
		log.Fatalf("the answers cannot be written to standard output: %v", err)
	}
}

// versionOf returns the version of a module that this program was built with.
func versionOf(path string) string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == path {
			return module.Version
		}
	}
	return ""
}

func judgeChain(chain, key []byte) chainVerdict {
	svid, err := x509svid.Parse(chain, key)
	if err != nil {
		return chainVerdict{Refused: err.Error()}
	}
	var verdict chainVerdict
	for _, certificate := range svid.Certificates {
		verdict.Certificates = append(verdict.Certificates, fingerprint(certificate.Raw))
	}
	return verdict
}

func judgeDocument(document []byte) documentVerdict {
	bundle, err := spiffebundle.Parse(spiffeid.RequireTrustDomainFromString("example.org"), document)
	if err != nil {
		return documentVerdict{Refused: err.Error()}
	}
	var verdict documentVerdict
	if sequence, ok := bundle.SequenceNumber(); ok {
		verdict.Sequence = strconv.FormatUint(sequence, 10)
	}
	if hint, ok := bundle.RefreshHint(); ok {
		verdict.RefreshHint = strconv.FormatInt(int64(hint/time.Second), 10)
	}
	for _, authority := range bundle.X509Authorities() {
		verdict.Certificates = append(verdict.Certificates, fingerprint(authority.Raw))
	}
	for keyID := range bundle.JWTAuthorities() {
		verdict.KeyIDs = append(verdict.KeyIDs, keyID)
	}
	slices.Sort(verdict.KeyIDs)
	return verdict
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
