import type { RenewalRule } from '../../identity/renewal.ts'
import { volumeHash } from '../../identity/volumeHash.ts'
import type { ByPod } from './byPod.ts'
import { isSuspect } from './compared/drift.ts'
import type { Findings } from './mounted/findings.ts'
import type { PodObservation } from './observations.ts'
import { issuedKey, type IssuedSide, type Svid } from './svid.ts'

interface Observed {
  readonly findings: Pick<Findings, 'forVolume'>
  /** Returns the renewal rule for the SVIDs of a CSI driver; '' stands for an unknown driver. */
  readonly ruleOf: (driver: string) => RenewalRule
}

/** Returns the SVIDs of a pod, one for each of its volumes, with what was observed of them before the pod was known. */
export function podSvids(pod: PodObservation, issued: ByPod<IssuedSide>, { findings, ruleOf }: Observed): Svid[] {
  const { uid, namespace, name, node, volumes } = pod
  return volumes.map(({ name: volume, driver }) => {
    const key = issuedKey(namespace, volumeHash(uid, volume))
    const side = issued.get(uid, key)
    const svid: Svid = {
      place: { namespace, pod: name, volume, node },
      key: side?.key ?? key,
      rule: ruleOf(driver),
      issued: side,
      mounted: findings.forVolume(pod, volume),
      served: undefined,
      isSuspect: false,
    }
    svid.isSuspect = isSuspect(pod, svid)
    return svid
  })
}
