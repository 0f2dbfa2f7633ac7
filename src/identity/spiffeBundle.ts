import type { X509Authority } from './x509Authority.ts'

/** A trust bundle in SPIFFE's own format, as values (SPIFFE Trust Domain and Bundle, section 4). */
export interface SpiffeBundle {
  /** spiffe_sequence: rises whenever the content changes; undefined where the document has none. */
  readonly sequence?: bigint
  /** spiffe_refresh_hint: how often to ask; undefined where the document has none. */
  readonly refreshHintMs?: number
  readonly x509Authorities: readonly X509Authority[]
  readonly jwtAuthorities: readonly JwtAuthority[]
}

/** A key that signs JWT-SVIDs. */
export interface JwtAuthority {
  readonly keyId: string
  /** Ms since the Unix epoch; undefined: the document does not tell. */
  readonly expiresMs?: number
}
