import { Followers } from '../../src/ledger/changes.ts'
import type { MountedObservation } from '../../src/ledger/workloads/observations.ts'
import type { FindingsView } from '../../src/ledger/view.ts'

/** The findings of a node, set by a test. The node sees its files unless the test sets its blindness. */
export class FakeFindings implements FindingsView {
  readonly #findings = new Map<string, MountedObservation>()
  readonly #followers = new Followers()
  #following = 0
  #filesTrouble: ReturnType<FindingsView['filesTrouble']>

  constructor(filesTrouble?: ReturnType<FindingsView['filesTrouble']>) {
    this.#filesTrouble = filesTrouble
  }

  get listeners(): number {
    return this.#following
  }

  findings(): Iterable<MountedObservation> {
    return this.#findings.values()
  }

  filesTrouble(): ReturnType<FindingsView['filesTrouble']> {
    return this.#filesTrouble
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
    this.#followers.notify('finding', { kind: 'mounted', mounted })
  }

  unmount(podUid: string, volume: string): void {
    this.#findings.delete(`${podUid}/${volume}`)
    this.#followers.notify('finding', { kind: 'unmounted', podUid, volume })
  }

  /** Sets why the node does not see its files; undefined if it sees them. */
  sight(filesTrouble: ReturnType<FindingsView['filesTrouble']>): void {
    this.#filesTrouble = filesTrouble
    this.#followers.notify('sight', { target: 'source', name: 'mountedSvids', is: 'found' })
  }
}
