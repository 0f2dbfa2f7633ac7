import { hash } from 'node:crypto'
import { caCertificatesOf, parseCertificate } from './certificate.ts'
import { firstToEnd, type Period } from './lifetime.ts'
import { certificateBlocks } from './pem.ts'
import { plainLeaf, type Leaf } from './plainLeaf.ts'
import { workloadIdFromUris } from './spiffeId.ts'
import { urisFromSubjectAltName } from './subjectAltNames.ts'
import type { NotAnSvid } from './svidProblems.ts'

/**
 * What a certificate file or a CertificateRequest says of one X.509-SVID, as values: nothing of the certificate itself is
 * kept. Times are milliseconds since the Unix epoch.
 */
export interface X509Svid extends Period {
  /** The one URI SAN, e.g. `spiffe://example.org/ns/team-a/sa/web`. */
  readonly spiffeId: string
  readonly trustDomain: string
  /** SHA-256 of the leaf's DER, lower-case hex: tells two certificates apart. */
  readonly fingerprint: string
  /** When that of the certificates behind the leaf is valid that ends first; undefined where the chain has none. */
  readonly chain?: Period
}

const maxCertificates = 20

/**
 * Reads an SVID from a PEM text, as a workload would: the leaf comes first, the rest is the chain behind it. A leaf of which any
 * part cannot be read is malformed.
 */
export function svidFromPem(pem: string): { readonly svid: X509Svid } | NotAnSvid {
  return readSvid(pem, checkedLeaf)
}

/**
 * The same for what an issuer has just made, at a fraction of the cost: of the usual leaf only what is asked for is read
 * (plainLeaf.ts), and its key, names and signature are not checked.
 */
export function issuedSvidFromPem(pem: string): { readonly svid: X509Svid } | NotAnSvid {
  return readSvid(pem, (block) => plainLeaf(block) ?? checkedLeaf(block))
}

function readSvid(pem: string, readLeaf: (block: string) => Leaf | NotAnSvid): { readonly svid: X509Svid } | NotAnSvid {
  const blocks = certificateBlocks(pem, maxCertificates)
  if ('problem' in blocks) return blocks
  const [first = '', ...behind] = blocks

  const leaf = readLeaf(first)
  if ('problem' in leaf) return leaf
  const id = workloadIdFromUris(leaf.uris)
  if ('problem' in id) return id
  const authorities = caCertificatesOf(behind, 2)
  if ('problem' in authorities) return authorities
  const chain = firstToEnd(authorities.map(({ period }) => period))

  return {
    svid: {
      spiffeId: ownText(id.spiffeId),
      trustDomain: id.trustDomain,
      notBeforeMs: leaf.notBeforeMs,
      notAfterMs: leaf.notAfterMs,
      fingerprint: hash('sha256', leaf.der),
      ...(chain && { chain }),
    },
  }
}

/** A copy of ASCII text: V8 keeps a part of a text as a reference to the whole. */
const ownText = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')

function checkedLeaf(block: string): Leaf | NotAnSvid {
  const leaf = parseCertificate(block, 1)
  if ('problem' in leaf) return leaf
  if (leaf.ca) return { problem: 'is_ca', detail: 'certificate 1 is a CA certificate; the leaf must come first' }
  const uris = urisFromSubjectAltName(leaf.subjectAltName ?? '')
  if (uris === undefined) {
    return { problem: 'malformed_certificate', detail: 'the subject alternative names of certificate 1 cannot be read' }
  }
  const { raw, validFromDate, validToDate } = leaf
  return { der: raw, uris, notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() }
}
