import * as z from 'zod'
import { authorityFromDer } from '../../identity/x509Authority.ts'
import { trustDomainPattern } from '../../identity/spiffeId.ts'
import type { JwtAuthority, SpiffeBundle } from '../../identity/spiffeBundle.ts'
import { timeMs } from '../stored.ts'

/**
 * The last good bundle of an endpoint. An https_spiffe endpoint is verified with it, because the configured bundle may be out of
 * date.
 */
export interface RememberedBundle {
  readonly trustDomain: string
  /** https_spiffe: the fingerprint of the configured bundle from which its trust derives. Without that bundle, it is not trusted. */
  readonly bootstrap?: string
  /** When the bundle was last fetched, ms since the Unix epoch. */
  readonly refreshedMs: number
  /** spiffe_sequence as text: it has 64 bits. */
  readonly sequence?: string
  readonly refreshHintMs?: number
  /** The X.509 authorities: DER, base64. */
  readonly authorities: readonly string[]
  readonly jwtAuthorities: readonly JwtAuthority[]
}

/** The stored form of a remembered bundle. */
export const rememberedBundleSchema = z.object({
  trustDomain: z.string().max(255).regex(trustDomainPattern),
  bootstrap: z.exactOptional(z.string().max(255)),
  refreshedMs: timeMs,
  sequence: z.exactOptional(z.string().regex(/^-?[0-9]{1,20}$/)),
  refreshHintMs: z.exactOptional(z.number()),
  authorities: z.array(z.base64()),
  jwtAuthorities: z.array(z.object({ keyId: z.string(), expiresMs: z.exactOptional(z.number()) })),
})

/** Returns the form to remember of a bundle that was fetched at `refreshedMs`. */
export function toRemember(
  trustDomain: string,
  { sequence, refreshHintMs, x509Authorities, jwtAuthorities }: SpiffeBundle,
  refreshedMs: number,
  bootstrap: string | undefined,
): RememberedBundle {
  return {
    trustDomain,
    refreshedMs,
    ...(bootstrap !== undefined && { bootstrap }),
    ...(sequence !== undefined && { sequence: String(sequence) }),
    ...(refreshHintMs !== undefined && { refreshHintMs }),
    authorities: x509Authorities.map(({ der }) => der),
    jwtAuthorities,
  }
}

/**
 * Returns the newer of two bundles of a trust domain: the one with the larger sequence if the trust of both derives from the same
 * configured bundle, else the one that was fetched last.
 */
export function newerBundle(one: RememberedBundle, other: RememberedBundle): RememberedBundle {
  const isComparable = one.bootstrap !== undefined && one.bootstrap === other.bootstrap
  if (isComparable && one.sequence !== undefined && other.sequence !== undefined && one.sequence !== other.sequence)
    return BigInt(one.sequence) > BigInt(other.sequence) ? one : other
  return one.refreshedMs >= other.refreshedMs ? one : other
}

/** Returns the bundle that was remembered; undefined if one of its authorities cannot be read. */
export function bundleOf(remembered: RememberedBundle): SpiffeBundle | undefined {
  const { sequence, refreshHintMs, authorities, jwtAuthorities } = remembered
  const read = authorities.map((der) => authorityFromDer(der))
  const x509Authorities = read.flatMap((one) => ('authority' in one ? [one.authority] : []))
  if (x509Authorities.length < read.length) return undefined
  return {
    ...(sequence !== undefined && { sequence: BigInt(sequence) }),
    ...(refreshHintMs !== undefined && { refreshHintMs }),
    x509Authorities,
    jwtAuthorities,
  }
}
