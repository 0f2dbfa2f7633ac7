import { messageOf } from '../errors.ts'
import { derMembers, derTagged, derTags, derValue, type DerValue } from './der.ts'
import {
  extensionOf,
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
  const [info, algorithm, signature] = derMembers(derValue(der), derTags.sequence, 'the request')
  derTagged(algorithm, derTags.sequence, 'the algorithm')
  derTagged(signature, derTags.bitString, 'the signature')
  const [version, subject, key, attributes] = derMembers(info, derTags.sequence, 'the request info')
  derTagged(version, derTags.integer, 'the version')
  derTagged(subject, derTags.sequence, 'the subject')
  derTagged(key, derTags.sequence, 'the key')
  if (attributes === undefined) return []
  return derMembers(attributes, attributesTag, 'the list of attributes').flatMap(requestedExtensions)
}

/** Attribute: the extensions that it asks for, where it is an extensionRequest (RFC 2985 section 5.4.2). */
function requestedExtensions(attribute: DerValue): readonly Extension[] {
  const [type, values] = derMembers(attribute, derTags.sequence, 'an attribute')
  if (!isIdentifier(derTagged(type, derTags.objectIdentifier, 'an identifier'), extensionRequest)) return []
  return derMembers(values, derTags.set, 'the list of extension requests')
    .flatMap((extensions) => derMembers(extensions, derTags.sequence, 'the list of extensions'))
    .map(extensionOf)
}

function urisOf(extension: Extension): readonly string[] {
  if (!isSubjectAltName(extension)) return []
  return namesOf(extension)
    .filter(isUri)
    .map(({ content }) => content.toString('latin1'))
}
