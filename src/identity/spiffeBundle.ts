import type { X509Authority } from './x509Authority.ts'

/** A trust bundle from a document in the SPIFFE bundle format (SPIFFE Trust Domain and Bundle, section 4). */
export interface SpiffeBundle {
  /** spiffe_sequence, which increases whenever the content changes; undefined if the document has none. */
  readonly sequence?: bigint
  /** spiffe_refresh_hint: how often to fetch the bundle, in ms; undefined if the document has none. */
  readonly refreshHintMs?: number
  readonly x509Authorities: readonly X509Authority[]
  readonly jwtAuthorities: readonly JwtAuthority[]
}

/** A key that signs JWT-SVIDs. */
export interface JwtAuthority {
  readonly keyId: string
  /** Ms since the Unix epoch; undefined if the document does not say. */
  readonly expiresMs?: number
}

/** Returns when the last X.509 authority of a bundle expires, ms since the Unix epoch; undefined if the bundle has none. */
export function lastEndMs({ x509Authorities }: SpiffeBundle): number | undefined {
  return x509Authorities.length === 0 ? undefined : Math.max(...x509Authorities.map(({ notAfterMs }) => notAfterMs))
}
