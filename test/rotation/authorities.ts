import { hash } from 'node:crypto'
import type { Authority } from '../../src/identity/authority.ts'
import type { TrustBundle } from '../../src/identity/trustBundle.ts'

/** A CA of the issuer. A later one has a higher number. */
export interface Ca extends Authority {
  readonly number: number
}

const dayMs = 24 * 3_600_000
const lifetimeMs = 90 * dayMs

/** Returns a CA whose validity begins at `nowMs`, which is rounded down to whole seconds. */
export function newCa(number: number, nowMs: number): Ca {
  const notBeforeMs = Math.floor(nowMs / 1000) * 1000
  return {
    number,
    fingerprint: hash('sha256', `certificate ${number}`),
    keyId: hash('sha1', `key ${number}`),
    ...{ notBeforeMs, notAfterMs: notBeforeMs + lifetimeMs },
  }
}

/** Returns another certificate of the same key, as where cert-manager renews a CA and keeps its private key. */
export const renewedCa = (ca: Ca, nowMs: number): Ca => ({
  ...ca,
  fingerprint: hash('sha256', `${ca.fingerprint} renewed`),
  ...{ notBeforeMs: Math.floor(nowMs / 1000) * 1000, notAfterMs: nowMs + lifetimeMs },
})

/** Returns the trust bundle of these CAs, as a source reads it from a file. */
export function bundleOf(cas: readonly Ca[]): TrustBundle {
  const authorities = cas
    .map(({ fingerprint, keyId, notBeforeMs, notAfterMs }) => ({ fingerprint, keyId, notBeforeMs, notAfterMs }))
    .toSorted((one, other) => (one.fingerprint < other.fingerprint ? -1 : 1))
  return {
    certificates: authorities.length,
    authorities,
    newestNotAfterMs: Math.max(...authorities.map(({ notAfterMs }) => notAfterMs)),
  }
}

/** Whether peers with this bundle trust what a CA has signed. They trust its key. */
export const trusts = (bundle: readonly Ca[], ca: Ca): boolean => bundle.some(({ keyId }) => keyId === ca.keyId)

/** A text that is equal for bundles of the same certificates. */
export const contentOf = (bundle: readonly Ca[]): string =>
  bundle
    .map(({ fingerprint }) => fingerprint)
    .toSorted()
    .join(' ')
