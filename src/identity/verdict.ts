import type { Period } from './lifetime.ts'

/**
 * Why SPIFFE peers refuse an X.509-SVID at any time, with the trust bundle that it is checked against. Codes are contracts: they are
 * label values. Expiry is no such reason, because it comes with time: `Accepted` says when. docs/verification.md says for each rule
 * what go-spiffe and OpenSSL do.
 */
export const refusals = {
  no_key_usage: 'the leaf has no key usage, or one without digitalSignature',
  ca_key_usage: 'the leaf has keyCertSign or cRLSign, which only the certificate of a CA may have',
  wrong_purpose: 'the leaf has an extended key usage without serverAuth or without clientAuth',
  unknown_authority: 'no certificate of the trust bundle has signed the leaf or its chain',
  wrong_signature: 'a signature in the chain does not verify, or uses MD5 or SHA-1',
  not_ca: 'a certificate behind the leaf is not that of a CA that may sign others',
  path_too_long: 'the chain is longer than a certificate in it allows',
  refused_other: 'a certificate breaks another rule, such as name constraints or an unknown critical extension',
} as const

export type Refusal = keyof typeof refusals

/** A peer accepts the X.509-SVID as long as all certificates of its chain are valid. */
export interface Accepted {
  /** The SHA-256 of the authority of the trust bundle that the chain ends at, lower-case hex. */
  readonly authority: string
  /** When all certificates behind the leaf are valid, that of the authority included: the longest of several such periods. */
  readonly period: Period
}

export interface Refused {
  readonly refusal: Refusal
  /** One line of printable text, of bounded length. */
  readonly detail: string
}

/** What a peer makes of an X.509-SVID. */
export type Verdict = Accepted | Refused
