import { messageOf } from '../errors.ts'
import { DerReader, derTags } from './der.ts'
import {
  extensionFrom,
  isCaConstraint,
  isIdentifier,
  isSubjectAltName,
  isUri,
  namesOf,
  type Extension,
} from './extensions.ts'
import { bytesFromPem } from './pem.ts'
import { isSpiffeUri, workloadIdFromUris, type WorkloadIdProblem } from './spiffeId.ts'
import type { NotAnSvid } from './svidProblems.ts'

/** What a signing request that could be read asks for. */
interface Asked {
  /** It asks for a CA certificate. */
  readonly isCa: boolean
}

/** A signing request for an X.509-SVID, or for a CA certificate with the SPIFFE ID of a workload. */
export interface RequestedIdentity extends Asked {
  readonly spiffeId: string
  readonly trustDomain: string
}

/** A signing request that could be read, and does not ask for exactly one valid SPIFFE ID of a workload. */
export interface NoIdentity extends NotAnSvid<WorkloadIdProblem>, Asked {
  /** One of its URIs has the scheme of SPIFFE IDs, so that it was meant to ask for an SVID. */
  readonly isSpiffe: boolean
}

/**
 * SLH-DSA has the longest signatures of all algorithms for certificates: up to 49,856 bytes (FIPS 205), which are 67,515
 * characters in PEM. As much again is left for the key and many names.
 */
const maxLength = 131_072

/**
 * Returns the workload's SPIFFE ID in a PKCS #10 certificate signing request in PEM (RFC 2986). The signature is not checked,
 * because the approver checks it.
 *
 * Only the path to the extensions is parsed. node:crypto cannot parse such requests. @peculiar/x509, with which the tests compare
 * this function, takes 100 times as long, 0.7 ms for each request: the CSR would cost more than all other work for a renewal.
 */
export function spiffeIdFromCsr(pem: string): RequestedIdentity | NoIdentity | NotAnSvid<'csr_unparsable'> {
  if (pem.length > maxLength) return unparsable(`longer than ${maxLength} characters`)
  const der = bytesFromPem(pem, labels)
  if ('broken' in der) return unparsable(der.broken)
  try {
    const extensions = extensionsOf(der)
    const uris = extensions.flatMap(urisOf)
    const isCa = extensions.some(isCaConstraint)
    const id = workloadIdFromUris(uris)
    if ('problem' in id) return { ...id, isCa, isSpiffe: uris.some(isSpiffeUri) }
    return { spiffeId: id.spiffeId, trustDomain: id.trustDomain, isCa }
  } catch (error) {
    return unparsable(messageOf(error))
  }
}

/** RFC 7468 section 7; the label with NEW is in its appendix A. */
const labels = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']

const unparsable = (detail: string) => ({ problem: 'csr_unparsable', detail }) as const

/** The contents octets of 1.2.840.113549.1.9.14, PKCS #9. */
const extensionRequest = Buffer.from('2a864886f70d01090e', 'hex')

/** [0], the attributes of a request. */
const attributesTag = 0xa0

/** Parses a CertificationRequest (RFC 2986 section 4), whose attributes come after version, subject and key. */
function extensionsOf(der: Buffer): readonly Extension[] {
  const whole = DerReader.ofBytes(der)
  const request = whole.inside(derTags.sequence, 'the request')
  const info = request.inside(derTags.sequence, 'the request info')
  request.next(derTags.sequence, 'the algorithm')
  request.next(derTags.bitString, 'the signature')
  request.skipRest()
  whole.end()
  info.next(derTags.integer, 'the version')
  info.next(derTags.sequence, 'the subject')
  info.next(derTags.sequence, 'the key')
  if (info.isAtEnd) return []
  const extensions = info.inside(attributesTag, 'the list of attributes').all(requestedExtensions)
  info.skipRest()
  return extensions.flat()
}

/** Returns the extensions that the next attribute asks for, if it is an extensionRequest (RFC 2985 section 5.4.2). */
function requestedExtensions(attributes: DerReader): readonly Extension[] {
  const attribute = attributes.inside(derTags.sequence, 'an attribute')
  const type = attribute.next(derTags.objectIdentifier, 'an identifier')
  const lists = isIdentifier(type, extensionRequest)
    ? attribute
        .inside(derTags.set, 'the list of extension requests')
        .all((requests) => requests.inside(derTags.sequence, 'the list of extensions').all(extensionFrom))
    : []
  attribute.skipRest()
  return lists.flat()
}

function urisOf(extension: Extension): readonly string[] {
  if (!isSubjectAltName(extension)) return []
  return namesOf(extension)
    .filter(isUri)
    .map(({ content }) => content.toString('latin1'))
}
