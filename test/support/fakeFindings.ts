import type { Finding, MountedObservation } from '../../src/ledger/workloads/observations.ts'
import type { FindingsView } from '../../src/ledger/view.ts'

/** What a node finds, as a test has it. It sees its files unless the test says otherwise. */
export class FakeFindings implements FindingsView {
  readonly #findings = new Map<string, MountedObservation>()
  readonly #listeners = new Set<(changed: Finding | undefined) => void>()
  #blindness: ReturnType<FindingsView['blindness']>

  constructor(blindness?: ReturnType<FindingsView['blindness']>) {
    this.#blindness = blindness
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size
  }

  findings(): Iterable<MountedObservation> {
    return this.#findings.values()
  }

  blindness(): ReturnType<FindingsView['blindness']> {
    return this.#blindness
  }

  follow(listener: (changed: Finding | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  mount(mounted: MountedObservation): void {
    this.#findings.set(`${mounted.podUid}/${mounted.volume}`, mounted)
    this.#tell({ kind: 'mounted', mounted })
  }

  unmount(podUid: string, volume: string): void {
    this.#findings.delete(`${podUid}/${volume}`)
    this.#tell({ kind: 'unmounted', podUid, volume })
  }

  /** From now on it sees its files (undefined), or does not. */
  sight(blindness: ReturnType<FindingsView['blindness']>): void {
    this.#blindness = blindness
    this.#tell(undefined)
  }

  #tell(changed: Finding | undefined): void {
    for (const listener of this.#listeners) listener(changed)
  }
}
