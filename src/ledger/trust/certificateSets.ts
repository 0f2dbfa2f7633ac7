import type { TrustBundle } from '../../identity/trustBundle.ts'

/** Reports whether a bundle has an authority. Of a very large bundle, not all are known: it is taken to have what is not known. */
export const hasAuthority = (bundle: TrustBundle, keyId: string): boolean =>
  isCut(bundle) || keyIdsOf(bundle).has(keyId)

/** Each bundle is asked for each authority, again and again. */
const keyIds = new WeakMap<TrustBundle, ReadonlySet<string>>()

function keyIdsOf(bundle: TrustBundle): ReadonlySet<string> {
  const known = keyIds.get(bundle) ?? new Set(bundle.authorities.map(({ keyId }) => keyId))
  keyIds.set(bundle, known)
  return known
}

/** Reports whether one of two bundles has all certificates of the other. */
export const areNested = (one: TrustBundle, other: TrustBundle): boolean =>
  isWithin(fingerprintsOf(one), fingerprintsOf(other)) || isWithin(fingerprintsOf(other), fingerprintsOf(one))

export const fingerprintsOf = ({ authorities }: TrustBundle): ReadonlySet<string> =>
  new Set(authorities.map(({ fingerprint }) => fingerprint))

export const isWithin = (some: ReadonlySet<string>, all: ReadonlySet<string>): boolean => some.isSubsetOf(all)

/** Returns when the newest authority of a bundle became valid, ms since the Unix epoch. */
export const newestMs = ({ authorities }: TrustBundle): number =>
  authorities.reduce((newest, { notBeforeMs }) => Math.max(newest, notBeforeMs), -Infinity)

/** Returns when the first authority of a bundle expires, ms since the Unix epoch; undefined if none is known. */
export const firstEndMs = ({ authorities }: TrustBundle): number | undefined =>
  authorities.length === 0 ? undefined : Math.min(...authorities.map(({ notAfterMs }) => notAfterMs))

/** Reports whether the bundle has certificates of which nothing is told. */
export const isCut = ({ certificates, authorities }: TrustBundle): boolean => certificates > authorities.length
