import { Followers } from '../../src/ledger/changes.ts'
import type { MountedObservation } from '../../src/ledger/workloads/observations.ts'
import type { FindingsView } from '../../src/ledger/view.ts'

/** The findings of a node, set by a test. The node sees its files unless the test sets its blindness. */
export class FakeFindings implements FindingsView {
  readonly #findings = new Map<string, MountedObservation>()
  readonly #followers = new Followers()
  #following = 0
  #blindness: ReturnType<FindingsView['blindness']>

  constructor(blindness?: ReturnType<FindingsView['blindness']>) {
    this.#blindness = blindness
  }

  get listeners(): number {
    return this.#following
  }

  findings(): Iterable<MountedObservation> {
    return this.#findings.values()
  }

  blindness(): ReturnType<FindingsView['blindness']> {
    return this.#blindness
  }

  readonly follow: FindingsView['follow'] = (kind, listener) => {
    const end = this.#followers.follow(kind, listener)
    this.#following += 1
    return () => {
      this.#following -= 1
      end()
    }
  }

  mount(mounted: MountedObservation): void {
    this.#findings.set(`${mounted.podUid}/${mounted.volume}`, mounted)
    this.#followers.tell('finding', { kind: 'mounted', mounted })
  }

  unmount(podUid: string, volume: string): void {
    this.#findings.delete(`${podUid}/${volume}`)
    this.#followers.tell('finding', { kind: 'unmounted', podUid, volume })
  }

  /** Sets why the node does not see its files; undefined if it sees them. */
  sight(blindness: ReturnType<FindingsView['blindness']>): void {
    this.#blindness = blindness
    this.#followers.tell('sight', { target: 'source', name: 'mountedSvids', is: 'found' })
  }
}
