import type { RenewalRule } from '../../identity/renewal.ts'
import type { ByPod } from './byPod.ts'
import type { Findings } from './mounted/findings.ts'
import type { Pods } from './pods.ts'
import { partsOfKey, type IssuedSide, type Svid } from './svid.ts'

interface Observed {
  readonly pods: Pods
  readonly findings: Pick<Findings, 'forUnknownPods'>
  /** Returns the renewal rule for the SVIDs of a CSI driver; '' stands for an unknown driver. */
  readonly ruleOf: (driver: string) => RenewalRule
}

/**
 * Yields the SVIDs of pods that have not been listed yet, named by what is known: at least a uid or a hash. Where only some namespaces
 * are watched, a finding about a pod that is not known is left out: the pod may be in another namespace.
 */
export function* unconfirmedSvids(
  issued: ByPod<IssuedSide>,
  isGone: (side: IssuedSide) => boolean,
  { pods, findings, ruleOf }: Observed,
): Iterable<Svid> {
  const rest = { key: '', rule: ruleOf(''), served: undefined, isSuspect: false }
  for (const uid of issued.podUids())
    for (const side of pods.get(uid) ? [] : issued.getAll(uid)) {
      const { namespace, hash } = partsOfKey(side.key)
      if (isGone(side) || pods.hasListed(namespace)) continue
      const place = { namespace, pod: side.podName, volume: hash, node: '' }
      yield { place, ...rest, issued: side, mounted: undefined }
    }
  if (!pods.areAllWatched) return
  for (const mounted of findings.forUnknownPods()) {
    const { node, podUid, volume } = mounted
    yield { place: { namespace: '', pod: podUid, volume, node }, ...rest, issued: undefined, mounted }
  }
}
