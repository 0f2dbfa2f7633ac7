import { ByPod } from './byPod.ts'
import type { Finding, MountedObservation } from './observations.ts'

type Listener = (changed: Finding | undefined) => void

/** What this process itself found last on its node, as it was reported, and who follows it. */
export class OwnFindings {
  readonly #findings = new ByPod<MountedObservation>()
  readonly #listeners = new Set<Listener>()

  take(finding: Finding): void {
    if (finding.kind === 'unmounted') this.#findings.delete(finding.podUid, finding.volume)
    else this.#findings.set(finding.mounted.podUid, finding.mounted.volume, finding.mounted)
    this.tell(finding)
  }

  /** Tells the followers what has changed; undefined: whether the node can be seen. */
  tell(changed: Finding | undefined): void {
    for (const listener of this.#listeners) listener(changed)
  }

  follow(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  all(): Iterable<MountedObservation> {
    return this.#findings.all()
  }
}
