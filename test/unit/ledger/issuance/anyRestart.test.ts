import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseCheckpoint, serializeCheckpoint, type Checkpoint } from '../../../../src/ledger/issuance/checkpoint.ts'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import { RequestHistory } from '../../../support/requestHistory.ts'
import { failed, succeeded, watchWith } from '../../../support/watchedLedger.ts'

const source = 'certificateRequests'

/** The watch of the requests of an API server, in the whole cluster or in one namespace, by one process after the other. */
class Watch {
  readonly history: RequestHistory
  readonly namespace: string | undefined
  #ledger: Ledger
  /** Where the watch goes on; undefined: it lists first. */
  #position: number | undefined
  #resumeFrom: number | undefined
  /** The newest version that was seen: no list is older. */
  #seen = 0

  constructor(ledger: Ledger, namespace: string | undefined) {
    this.history = new RequestHistory(namespace)
    this.namespace = namespace
    this.#ledger = ledger
  }

  /** Lists, or takes in so many changes. */
  follow(steps: number): void {
    if (this.#position === undefined) return this.list(Infinity, steps)
    if (this.#position < this.history.forgotten) this.#position = undefined
    else
      for (let left = steps; left > 0 && this.#position < this.history.version; left--)
        this.#ledger.report(this.history.observation(++this.#position))
    this.#seen = Math.max(this.#seen, this.#position ?? 0)
  }

  /** Lists where it has to, and gets no further than the `end`th event of a list whose last `late` versions are changes. */
  list(end: number, late: number): void {
    if (this.#position !== undefined) return
    const { version } = this.history
    const { namespace } = this
    const events = this.history.list(Math.max(version - late, this.#seen))
    this.#ledger.report({ kind: 'listing', source, namespace })
    events.slice(0, end).forEach(this.#ledger.report)
    if (end < events.length) return
    this.#ledger.report({ kind: 'listed', source, resourceVersion: String(version), namespace })
    this.#position = this.#resumeFrom ?? version
    this.#resumeFrom = undefined
    this.#seen = version
  }

  /** The next process lists, and goes on from the version up to which the one before has counted. */
  restart(ledger: Ledger): void {
    this.#ledger = ledger
    this.#position = undefined
    const counted = ledger.countedUntil(this.namespace)
    this.#resumeFrom = counted === undefined ? undefined : Number(counted)
  }
}

/** svidwatch, killed and started again, as it watches requests and commits what it counts. */
class Process {
  readonly #namespaces: readonly string[] | undefined
  readonly #watches: readonly Watch[]
  #ledger: Ledger
  #stored: Checkpoint | undefined

  constructor(namespaces: readonly string[] | undefined) {
    this.#namespaces = namespaces
    this.#ledger = watchWith({ namespaces }).ledger
    this.#ledger.showCommittedOnly(undefined)
    this.#watches = (namespaces ?? [undefined]).map((namespace) => new Watch(this.#ledger, namespace))
  }

  watch(draw: number): Watch {
    const watched = this.#watches[draw % this.#watches.length]
    if (watched === undefined) throw new Error('nothing is watched')
    return watched
  }

  /** The version from which the watch of the next process would go on. */
  stored({ namespace }: Watch): number {
    const position = this.#stored?.positions.find((one) => one.namespace === namespace)
    return Number(position?.resourceVersion ?? 0)
  }

  get shown(): readonly [issued: number, denied: number] {
    return [succeeded(this.#ledger), failed(this.#ledger)]
  }

  get happened(): readonly [issued: number, denied: number] {
    const sum = (count: (history: RequestHistory) => number) =>
      this.#watches.reduce((all, { history }) => all + count(history), 0)
    return [sum(({ issued }) => issued), sum(({ denied }) => denied)]
  }

  /** `isLost`: it is stored, and killed before it knows. */
  commit(isLost: boolean): void {
    const checkpoint = this.#ledger.checkpoint()
    if (checkpoint === undefined) return
    this.#stored = checkpoint
    if (isLost) this.kill()
    else this.#ledger.committed(checkpoint)
  }

  kill(): void {
    if (this.#stored === undefined) return
    const parsed = parseCheckpoint(serializeCheckpoint(this.#stored))
    if ('problem' in parsed) throw new Error(parsed.problem)
    this.#ledger = watchWith({ namespaces: this.#namespaces }).ledger
    this.#ledger.showCommittedOnly(parsed.checkpoint)
    for (const watched of this.#watches) watched.restart(this.#ledger)
  }

  /** Until it has seen everything, and shows it. */
  catchUp(): void {
    for (let attempts = 0; attempts < 4; attempts++) for (const watched of this.#watches) watched.follow(1000)
    this.commit(false)
  }
}

/** What can happen to a watch, with a number that is drawn with it. */
const happenings: readonly ((process: Process, watched: Watch, draw: number) => void)[] = [
  (_, { history }, draw) => history.create(draw * 50),
  (_, { history }, draw) => history.change(draw),
  (_, { history }, draw) => history.change(draw + 1),
  (_, { history }, draw) => history.wait(draw ** 3),
  (process, watched, draw) => watched.history.delete(draw, process.stored(watched)),
  (process, watched) => watched.history.forget(process.stored(watched)),
  (_, watched, draw) => watched.follow(draw),
  (_, watched) => watched.follow(1),
  (_, watched, draw) => watched.list(draw, draw % 9),
  (process) => process.commit(false),
  (process) => process.commit(true),
  (process) => process.kill(),
]

it.each<[string, readonly string[] | undefined]>([
  ['the whole cluster', undefined],
  ['one namespace', ['team-a']],
  ['three namespaces, each with a history of its own', ['team-a', 'team-b', 'team-c']],
])('every end in %s is shown once, whatever is killed, broken off and forgotten, whenever that is', (_, namespaces) => {
  const drawn = fc.tuple(fc.nat(happenings.length - 1), fc.nat(100), fc.nat(2))
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 200, size: 'max' }), (all) => {
      const process = new Process(namespaces)
      process.catchUp()
      let before = process.shown
      for (const [index, draw, which] of all) {
        happenings[index]?.(process, process.watch(which), draw)
        const { shown, happened } = process
        expect(shown.every((count, kind) => count >= (before[kind] ?? 0))).toBe(true)
        expect(shown.every((count, kind) => count <= (happened[kind] ?? 0))).toBe(true)
        before = shown
      }
      process.catchUp()
      expect(process.shown).toEqual(process.happened)
    }),
    { numRuns: 200 },
  )
})
