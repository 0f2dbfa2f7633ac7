package main

import (
	"crypto/x509"
	"encoding/pem"
	"log"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

// svidQuestion is a chain, leaf first, and the authorities of its trust domain, in DER.
type svidQuestion struct {
	Chain  [][]byte `json:"chain"`
	Bundle [][]byte `json:"bundle"`
	// At is when the peer verifies the chain.
	At time.Time `json:"at"`
}

// svidVerdict has the error of the workload that loads the chain, and that of the peer that verifies it. Both are empty if the
// chain is accepted.
type svidVerdict struct {
	Load   string `json:"load,omitempty"`
	Verify string `json:"verify,omitempty"`
}

// judgeSVID tells what go-spiffe makes of a chain whose leaf has the given private key in PEM.
func judgeSVID(asked svidQuestion, key []byte) svidVerdict {
	var chain []byte
	for _, der := range asked.Chain {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	var verdict svidVerdict
	if _, err := x509svid.Parse(chain, key); err != nil {
		verdict.Load = err.Error()
	}

	bundle := x509bundle.New(spiffeid.RequireTrustDomainFromString("example.org"))
	for _, der := range asked.Bundle {
		authority, err := x509.ParseCertificate(der)
		if err != nil {
			log.Fatalf("a certificate of a trust bundle cannot be parsed: %v", err)
		}
		bundle.AddX509Authority(authority)
	}
	if _, _, err := x509svid.ParseAndVerify(asked.Chain, anyTrustDomain{bundle}, x509svid.WithTime(asked.At)); err != nil {
		verdict.Verify = err.Error()
	}
	return verdict
}

// anyTrustDomain has one bundle for every trust domain, so that a verdict is about the chain alone.
type anyTrustDomain struct {
	bundle *x509bundle.Bundle
}

func (source anyTrustDomain) GetX509BundleForTrustDomain(spiffeid.TrustDomain) (*x509bundle.Bundle, error) {
	return source.bundle, nil
}
