/**
 * Why a PEM text holds no X.509-SVID. Codes are contracts: they are label values. The rules are in SPIFFE X509-SVID sections 2 to 5
 * and SPIFFE-ID section 2. What a peer refuses although it can be read, for its key usage or its signature, is a refusal (verdict.ts).
 */
export const svidProblems = {
  malformed_pem: 'no PEM block of type CERTIFICATE, too many, or one that go-spiffe or OpenSSL does not read',
  malformed_certificate: 'a PEM block that is not an X.509 certificate, or behind the leaf not that of a CA',
  no_uri_san: 'the leaf has no URI SAN',
  many_uri_sans: 'the leaf has more than one URI SAN',
  invalid_spiffe_id: 'the URI SAN is not a valid SPIFFE ID',
  no_path: 'the SPIFFE ID has no path: it names a trust domain, not a workload',
  is_ca: 'the leaf is a CA certificate',
} as const

export type SvidProblem = keyof typeof svidProblems

/** Why a text does not hold an SVID. `detail` is one line of printable text, of bounded length. */
export interface NotAnSvid<Problem extends string = SvidProblem> {
  readonly problem: Problem
  readonly detail: string
}
