import { hash, type X509Certificate } from 'node:crypto'
import { caCertificatesOf, parseCertificate, type CaCertificate } from './certificate.ts'
import { certificateRules } from './certificateRules.ts'
import { firstToEnd, type Period } from './lifetime.ts'
import { certificateBlocks } from './pem.ts'
import { plainLeaf, type Leaf } from './plainLeaf.ts'
import { authorityAbove, signerOf } from './signer.ts'
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
  /**
   * The key identifier (see Authority.keyId) of the authority that peers must trust: by the chain (see authorityAbove), or the one of the
   * trust bundle beside the SVID that has accepted it. Undefined if nothing says so, and in the copy of a CertificateRequest.
   */
  readonly authorityKeyId?: string
}

const maxCertificates = 20

/** The certificates of an SVID. */
export interface SvidChain {
  readonly leaf: X509Certificate
  /** What comes behind the leaf, in any order. */
  readonly behind: readonly CaCertificate[]
}

/**
 * Parses an SVID in a PEM text, as a workload would: the leaf comes first, then the chain. If any part of the leaf cannot be
 * read, it is malformed.
 */
export function svidFromPem(pem: string): { readonly svid: X509Svid } | NotAnSvid {
  return withoutChain(svidChainFromPem(pem))
}

/** An SVID, and its certificates for verdictOf, which are not to be kept. */
export interface ReadSvid {
  readonly svid: X509Svid
  readonly chain: SvidChain
}

/** Parses an SVID like svidFromPem, and returns its certificates too. */
export function svidChainFromPem(pem: string): ReadSvid | NotAnSvid {
  const blocks = certificateBlocks(pem, maxCertificates)
  return 'problem' in blocks ? blocks : svidChain(blocks)
}

/** Parses an SVID like svidFromPem, in the DER of its certificates, as a TLS server presents them. */
export function svidChainFromDer(ders: readonly Buffer[]): ReadSvid | NotAnSvid {
  if (ders.length <= maxCertificates) return svidChain(ders)
  return { problem: 'malformed_certificate', detail: `more than ${maxCertificates} certificates` }
}

/** An SVID that was issued. `authorityKeyId` is beside it, because 100,000 requests keep their SVIDs, and nothing needs it of each. */
export interface IssuedSvid {
  readonly svid: X509Svid
  readonly authorityKeyId?: string
}

/**
 * Parses an SVID that an issuer has signed, like svidFromPem but at a fraction of the cost: of a usual leaf only the needed parts
 * are read (plainLeaf.ts), and its key, names and signature are not checked.
 */
export function issuedSvidFromPem(pem: string): IssuedSvid | NotAnSvid {
  const blocks = certificateBlocks(pem, maxCertificates)
  if ('problem' in blocks) return blocks
  const read = readSvid(blocks, (block) => plainLeaf(block) ?? checkedLeaf(block))
  return 'problem' in read ? read : { svid: read.svid, ...authorityOf(read) }
}

const withoutChain = (read: { readonly svid: X509Svid } | NotAnSvid) => ('problem' in read ? read : { svid: read.svid })

function svidChain(sources: readonly (string | Buffer)[]): ReadSvid | NotAnSvid {
  const read = readSvid(sources, checkedLeaf)
  if ('problem' in read) return read
  return { svid: { ...read.svid, ...authorityOf(read) }, chain: { leaf: read.leaf.parsed, behind: read.behind } }
}

function authorityOf({
  leaf: { signer },
  behind,
}: {
  readonly leaf: Leaf
  readonly behind: readonly CaCertificate[]
}): Pick<X509Svid, 'authorityKeyId'> {
  const authorityKeyId = signer && authorityAbove(signer, behind)
  return authorityKeyId === undefined ? {} : { authorityKeyId }
}

function readSvid<Source extends string | Buffer, Read extends Leaf>(
  [first, ...others]: readonly Source[],
  readLeaf: (source: Source) => Read | NotAnSvid,
): { readonly svid: X509Svid; readonly leaf: Read; readonly behind: readonly CaCertificate[] } | NotAnSvid {
  if (first === undefined) return { problem: 'malformed_certificate', detail: 'there is no certificate' }
  const leaf = readLeaf(first)
  if ('problem' in leaf) return leaf
  const id = workloadIdFromUris(leaf.uris)
  if ('problem' in id) return id
  const behind = caCertificatesOf(others, 2)
  if ('problem' in behind) return behind
  const other = behind.findIndex(({ isCa }) => !isCa)
  if (other !== -1) {
    return {
      problem: 'malformed_certificate',
      detail: `certificate ${other + 2} is behind the leaf and not that of a CA`,
    }
  }
  const chain = firstToEnd(behind.map(({ period }) => period))

  return {
    svid: {
      spiffeId: ownText(id.spiffeId),
      trustDomain: id.trustDomain,
      notBeforeMs: leaf.notBeforeMs,
      notAfterMs: leaf.notAfterMs,
      fingerprint: hash('sha256', leaf.der),
      ...(chain && { chain }),
    },
    leaf,
    behind,
  }
}

/** Returns a copy of ASCII text, because V8 keeps a part of a text as a reference to the whole. */
const ownText = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')

/** For node:crypto, a CA that lacks keyCertSign is none. */
const isCa = ({ ca, raw }: X509Certificate): boolean => ca || certificateRules(raw).ca === 'yes'

function checkedLeaf(source: string | Buffer): (Leaf & { readonly parsed: X509Certificate }) | NotAnSvid {
  const leaf = parseCertificate(source, 1)
  if ('problem' in leaf) return leaf
  if (isCa(leaf)) return { problem: 'is_ca', detail: 'certificate 1 is a CA certificate; the leaf must come first' }
  const uris = urisFromSubjectAltName(leaf.subjectAltName ?? '')
  if (uris === undefined) {
    return { problem: 'malformed_certificate', detail: 'the subject alternative names of certificate 1 cannot be read' }
  }
  const { raw, validFromDate, validToDate } = leaf
  const period = { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() }
  return { der: raw, uris, ...period, signer: signerOf(raw), parsed: leaf }
}
