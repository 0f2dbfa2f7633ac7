import type { Period } from './lifetime.ts'

/** An X.509 authority, as one of its certificates in a trust bundle shows it. Peers trust its key: a renewed certificate changes nothing. */
export interface Authority extends Period {
  /** The SHA-256 of the certificate's DER, lower-case hex. */
  readonly fingerprint: string
  /**
   * The subject key identifier (RFC 5280 section 4.2.1.2), lower-case hex, of at most `maxKeyIdLength` characters; the SHA-1 of the
   * public key (method 1 there) if the certificate has none; the fingerprint if its key cannot be read.
   */
  readonly keyId: string
}

/** Identifiers of 20 bytes are usual. A longer one is replaced by the SHA-256 of its bytes, so that equal ones stay equal. */
export const maxKeyIdLength = 64
