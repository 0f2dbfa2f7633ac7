import type { Followers } from '../changes.ts'
import { ByPod } from './byPod.ts'
import type { Finding, MountedObservation } from './observations.ts'

/** What this process itself found last on its node, as it was reported. */
export class OwnFindings {
  readonly #followers: Followers
  readonly #findings = new ByPod<MountedObservation>(({ volume }) => volume)

  constructor(followers: Followers) {
    this.#followers = followers
  }

  take(finding: Finding): void {
    if (finding.kind === 'unmounted') this.#findings.delete(finding.podUid, finding.volume)
    else this.#findings.set(finding.mounted.podUid, finding.mounted)
    this.#followers.tell('finding', finding)
  }

  all(): Iterable<MountedObservation> {
    return this.#findings.all()
  }
}
