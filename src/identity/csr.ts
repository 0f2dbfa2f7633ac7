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
import { workloadIdFromUris } from './spiffeId.ts'
import type { NotAnSvid, SvidProblem } from './svidProblems.ts'

/** What a certificate signing request asks for. */
interface RequestedIdentity {
  readonly spiffeId: string
  readonly trustDomain: string
  /** It asks for a CA certificate. */
  readonly isCa: boolean
}

type CsrProblem = Exclude<SvidProblem, 'is_ca'> | 'csr_unparsable'

const maxLength = 8_192

/**
 * Reads the workload's SPIFFE ID from a PKCS #10 certificate signing request in PEM (RFC 2986). Its signature is not checked:
 * that is the approver's part.
 *
 * Only what leads to the extensions is read. node:crypto reads no such requests, and @peculiar/x509, to which the tests compare
 * this, takes 100 times as long, 0.7 ms for each: a renewal would cost more in its CSR than in all else.
 */
export function spiffeIdFromCsr(pem: string): RequestedIdentity | NotAnSvid<CsrProblem> {
  if (pem.length > maxLength) return unparsable(`longer than ${maxLength} characters`)
  const base64 = pemBlock.exec(pem)?.groups?.base64
  if (base64 === undefined) return unparsable('no PEM block of type CERTIFICATE REQUEST')
  try {
    const extensions = extensionsOf(Buffer.from(base64, 'base64'))
    const id = workloadIdFromUris(extensions.flatMap(urisOf))
    if ('problem' in id) return id
    return { spiffeId: id.spiffeId, trustDomain: id.trustDomain, isCa: extensions.some(isCaConstraint) }
  } catch (error) {
    return unparsable(messageOf(error))
  }
}

/** RFC 7468 section 7; its appendix A knows the other label. */
const pemBlock = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----(?<base64>[A-Za-z0-9+/=\s]+)-----END /

const unparsable = (detail: string) => ({ problem: 'csr_unparsable', detail }) as const

/** 1.2.840.113549.1.9.14, PKCS #9, as contents octets. */
const extensionRequest = Buffer.from('2a864886f70d01090e', 'hex')

/** [0], the attributes of a request. */
const attributesTag = 0xa0

/** CertificationRequest, RFC 2986 section 4; the attributes come behind version, subject and key. */
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

/** The extensions that the next attribute asks for, where it is an extensionRequest (RFC 2985 section 5.4.2). */
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
