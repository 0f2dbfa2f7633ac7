import type { Followers } from '../../changes.ts'
import { ByPod } from '../byPod.ts'
import type { Finding, MountedObservation } from '../observations.ts'

/** OwnFindings holds the last findings of this process about its own node, as they were reported. */
export class OwnFindings {
  readonly #followers: Followers
  readonly #findings = new ByPod<MountedObservation>(({ volume }) => volume)

  constructor(followers: Followers) {
    this.#followers = followers
  }

  take(finding: Finding): void {
    if (finding.kind === 'unmounted') this.#findings.delete(finding.podUid, finding.volume)
    else this.#findings.set(finding.mounted.podUid, finding.mounted)
    this.#followers.notify('finding', finding)
  }

  all(): Iterable<MountedObservation> {
    return this.#findings.all()
  }
}
