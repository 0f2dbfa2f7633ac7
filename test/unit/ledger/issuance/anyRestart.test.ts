import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseCheckpoint, serializeCheckpoint, type Checkpoint } from '../../../../src/ledger/issuance/checkpoint.ts'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import { RequestHistory } from '../../../support/requestHistory.ts'
import { failed, succeeded, watch } from '../../../support/watchedLedger.ts'

const source = 'certificateRequests'

/** svidwatch, killed and started again, as it follows the requests of an API server and commits what it counts. */
class Process {
  readonly history = new RequestHistory()
  #ledger: Ledger = watch().ledger
  /** Where the watch goes on; undefined: it lists first. */
  #position: number | undefined
  #resumeFrom: number | undefined
  #stored: Checkpoint | undefined
  /** The newest version that was seen: no list is older. */
  #seen = 0

  constructor() {
    this.#ledger.showCommittedOnly(undefined)
  }

  /** The version from which the next process would go on. */
  get stored(): number {
    return Number(this.#stored?.positions[0]?.resourceVersion ?? 0)
  }

  get shown(): readonly [issued: number, denied: number] {
    return [succeeded(this.#ledger), failed(this.#ledger)]
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
    const events = this.history.list(Math.max(version - late, this.#seen))
    this.#ledger.report({ kind: 'listing', source })
    events.slice(0, end).forEach(this.#ledger.report)
    if (end < events.length) return
    this.#ledger.report({ kind: 'listed', source, resourceVersion: String(version) })
    this.#position = this.#resumeFrom ?? version
    this.#resumeFrom = undefined
    this.#seen = version
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
    this.#ledger = watch().ledger
    this.#ledger.showCommittedOnly(parsed.checkpoint)
    this.#position = undefined
    this.#resumeFrom = this.stored
  }

  /** Until it has seen everything, and shows it. */
  catchUp(): void {
    for (let attempts = 0; attempts < 4; attempts++) this.follow(1000)
    this.commit(false)
  }
}

/** What can happen, with a number that is drawn with it. */
const happenings: readonly ((process: Process, draw: number) => void)[] = [
  ({ history }, draw) => history.create(draw * 50),
  ({ history }, draw) => history.change(draw),
  ({ history }, draw) => history.change(draw + 1),
  ({ history }, draw) => history.wait(draw ** 3),
  ({ history, stored }, draw) => history.delete(draw, stored),
  ({ history, stored }) => history.forget(stored),
  (process, draw) => process.follow(draw),
  (process) => process.follow(1),
  (process, draw) => process.list(draw, draw % 9),
  (process) => process.commit(false),
  (process) => process.commit(true),
  (process) => process.kill(),
]

it('every end is shown once, whatever is killed, broken off and forgotten, whenever that is', () => {
  const drawn = fc.tuple(fc.nat(happenings.length - 1), fc.nat(100))
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 200, size: 'max' }), (all) => {
      const process = new Process()
      process.catchUp()
      let before = process.shown
      for (const [index, draw] of all) {
        happenings[index]?.(process, draw)
        const { shown, history } = process
        expect(shown.every((count, which) => count >= (before[which] ?? 0))).toBe(true)
        expect(shown[0] <= history.issued && shown[1] <= history.denied).toBe(true)
        before = shown
      }
      process.catchUp()
      expect(process.shown).toEqual([process.history.issued, process.history.denied])
    }),
    { numRuns: 300 },
  )
})
