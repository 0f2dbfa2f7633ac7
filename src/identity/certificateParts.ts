import { DerReader, derTags, type DerValue } from './der.ts'

/** The parts of a certificate (RFC 5280 section 4.1), as ranges of its DER. */
export interface CertificateParts {
  /** The value [0], with the version in it; undefined in a certificate of version 1. */
  readonly version: DerValue | undefined
  readonly serialNumber: DerValue
  /** The algorithm inside of what is signed, and the one beside the signature. They must be the same. */
  readonly signedAlgorithm: DerValue
  readonly algorithm: DerValue
  readonly issuer: DerValue
  readonly validity: DerValue
  readonly subject: DerValue
  /** The SubjectPublicKeyInfo. */
  readonly key: DerValue
  /** The value [3], with the extensions in it; undefined if there are none. */
  readonly extensions: DerValue | undefined
  readonly signature: DerValue
}

/** The tags [0], of the version, and [3], of the extensions, in a TBSCertificate. */
const contextTags = { version: 0xa0, extensions: 0xa3 }

/** Parses a Certificate, without the contents of its parts. Throws DerError. */
export function certificateParts(der: Buffer): CertificateParts {
  const whole = DerReader.ofBytes(der)
  const certificate = whole.inside(derTags.sequence, 'the certificate')
  const body = certificate.inside(derTags.sequence, 'the body')
  const algorithm = certificate.next(derTags.sequence, 'the algorithm')
  const signature = certificate.next(derTags.bitString, 'the signature')
  certificate.end()
  whole.end()
  const version = body.optional(contextTags.version)
  return {
    version,
    serialNumber: body.next(derTags.integer, 'the serial number'),
    signedAlgorithm: body.next(derTags.sequence, 'the algorithm of the signature'),
    algorithm,
    issuer: body.next(derTags.sequence, 'the issuer'),
    validity: body.next(derTags.sequence, 'the validity'),
    subject: body.next(derTags.sequence, 'the subject'),
    key: body.next(derTags.sequence, 'the key'),
    // Two more members may come between key and extensions.
    extensions: body.isAtEnd ? undefined : body.last(contextTags.extensions, 'the extensions'),
    signature,
  }
}
