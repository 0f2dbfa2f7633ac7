/**
 * What a certificate file or a CertificateRequest says of one X.509-SVID, as values: nothing of the certificate itself is
 * kept. Times are milliseconds since the Unix epoch.
 */
export interface X509Svid {
  /** The one URI SAN, e.g. `spiffe://example.org/ns/team-a/sa/web`. */
  readonly spiffeId: string
  readonly trustDomain: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** SHA-256 of the leaf's DER, lower-case hex: tells two certificates apart. */
  readonly fingerprint: string
  /** The smallest notAfter of the certificates behind the leaf; undefined where the chain has none. */
  readonly chainNotAfterMs?: number
}
