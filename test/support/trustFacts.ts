import type { Authority } from '../../src/identity/authority.ts'
import type { TrustBundle } from '../../src/identity/trustBundle.ts'
import type { CopyFacts } from '../../src/ledger/workloads/compared/copyFacts.ts'
import type { SvidFacts } from '../../src/ledger/workloads/compared/facts.ts'
import type { CopyName } from '../../src/ledger/workloads/view.ts'
import { copyFacts, svidFacts } from './facts.ts'

/** One SVID of a pod of node-1, which has signed it, and how it is known. */
export interface Signed {
  readonly pod: string
  readonly by: Authority
  readonly node?: string
  readonly namespace?: string
  readonly knownMs: number
  readonly notBeforeMs?: number
  readonly notAfterMs?: number
}

/** Returns a copy of an SVID that an authority has signed. */
export function signedCopy(
  copy: CopyName,
  { pod, by, node = 'node-1', namespace = 'team-a', knownMs, ...period }: Signed,
): CopyFacts {
  const facts = copyFacts(copy, knownMs)
  const { notBeforeMs = facts.svid.notBeforeMs, notAfterMs = facts.svid.notAfterMs } = period
  return {
    ...facts,
    labels: { ...facts.labels, namespace, pod, node },
    svid: {
      ...facts.svid,
      ...{ notBeforeMs, notAfterMs, authorityKeyId: by.keyId },
      fingerprint: `${namespace}/${pod}/${by.keyId}/${notBeforeMs}`,
    },
  }
}

/** Returns a mounted SVID with the bundle beside it. If the bundle lacks its authority, it is refused, as it has been since it is valid. */
export function mountedWith(signed: Signed, bundle: TrustBundle, given: Partial<SvidFacts> = {}): SvidFacts {
  const mounted = signedCopy('mounted', signed)
  const isTrusted = bundle.authorities.some(({ keyId }) => keyId === signed.by.keyId)
  const refused = isTrusted || signed.knownMs > mounted.svid.notAfterMs ? undefined : refusedCopy(mounted)
  const key = `${signed.namespace ?? 'team-a'}/${signed.pod}/tls`
  const { node = 'node-1', knownMs: bundleKnownMs } = signed
  return svidFacts({ key, mounted, bundle, bundleKnownMs, node, refused, ...given })
}

/** Returns the refusal of a copy by a bundle that lacks its authority. */
export const refusedCopy = (copy: CopyFacts): NonNullable<SvidFacts['refused']> => ({
  copy,
  reason: 'unknown_authority',
  sinceMs: copy.svid.notBeforeMs,
  detail: '',
})
