import { X509Certificate, type JsonWebKey } from 'node:crypto'

interface BundleContent {
  /** CA certificates that sign X.509-SVIDs, PEM. */
  readonly authorityPems: readonly string[]
  /** Public keys that sign JWT-SVIDs, each with its `kid`. */
  readonly jwtKeys: readonly JsonWebKey[]
  /** Rises whenever the content changes. */
  readonly sequence: number
  readonly refreshHintSeconds: number
}

/** A trust bundle in SPIFFE's own format (SPIFFE Trust Domain and Bundle, section 4). */
export function bundleDocument({ authorityPems, jwtKeys, sequence, refreshHintSeconds }: BundleContent): string {
  const x509Keys = authorityPems.map((pem) => {
    const certificate = new X509Certificate(pem)
    const key = certificate.publicKey.export({ format: 'jwk' })
    return { use: 'x509-svid', ...key, x5c: [certificate.raw.toString('base64')] }
  })
  const keys = [...x509Keys, ...jwtKeys.map((key) => ({ use: 'jwt-svid', ...key }))]
  return JSON.stringify({ keys, spiffe_sequence: sequence, spiffe_refresh_hint: refreshHintSeconds })
}
