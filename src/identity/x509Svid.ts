import { hash } from 'node:crypto'
import { caCertificatesOf, parseCertificate } from './certificate.ts'
import { firstToEnd, type Period } from './lifetime.ts'
import { certificateBlocks } from './pem.ts'
import { plainLeaf, type Leaf } from './plainLeaf.ts'
import { workloadIdFromUris } from './spiffeId.ts'
import { urisFromSubjectAltName } from './subjectAltNames.ts'
import type { NotAnSvid } from './svidProblems.ts'

/**
 * One X.509-SVID, as read from a certificate file or a CertificateRequest. The certificate itself is not kept. Times are
 * milliseconds since the Unix epoch.
 */
export interface X509Svid extends Period {
  /** The one URI SAN, e.g. `spiffe://example.org/ns/team-a/sa/web`. */
  readonly spiffeId: string
  readonly trustDomain: string
  /** The SHA-256 of the leaf's DER, lower-case hex. */
  readonly fingerprint: string
  /** The validity of the first certificate to expire in the chain behind the leaf; undefined if the chain is empty. */
  readonly chain?: Period
}

const maxCertificates = 20

/**
 * Parses an SVID in a PEM text, as a workload would: the leaf comes first, then the chain. If any part of the leaf cannot be
 * read, it is malformed.
 */
export function svidFromPem(pem: string): { readonly svid: X509Svid } | NotAnSvid {
  return readSvid(pem, checkedLeaf)
}

/**
 * Parses an SVID that an issuer has signed, like svidFromPem but at a fraction of the cost: of a usual leaf only the needed parts
 * are read (plainLeaf.ts), and its key, names and signature are not checked.
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
  const other = authorities.findIndex(({ isCa }) => !isCa)
  if (other !== -1) {
    return {
      problem: 'malformed_certificate',
      detail: `certificate ${other + 2} is behind the leaf and not that of a CA`,
    }
  }
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

/** Returns a copy of ASCII text, because V8 keeps a part of a text as a reference to the whole. */
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
