import type { CaCertificate } from './certificate.ts'
import type { Verdict } from './verdict.ts'
import { verdictOf } from './verification.ts'
import type { ReadSvid, X509Svid } from './x509Svid.ts'

/** An SVID, and what a peer makes of it that trusts a bundle. */
export interface JudgedSvid {
  readonly svid: X509Svid
  readonly verdict: Verdict
}

/**
 * Returns what peers make of an SVID that trust these authorities. An authority that has accepted it is the one that must be trusted: a
 * trust bundle may have an intermediate CA of the chain in place of the root, and a leaf may have no authority key identifier.
 */
export function judgedSvid({ svid, chain }: ReadSvid, authorities: readonly CaCertificate[]): JudgedSvid {
  const verdict = verdictOf(chain, authorities)
  if ('refusal' in verdict) return { svid, verdict }
  const accepting = authorities.find(({ fingerprint }) => fingerprint === verdict.authority)
  return { svid: { ...svid, ...(accepting && { authorityKeyId: accepting.keyId }) }, verdict }
}
