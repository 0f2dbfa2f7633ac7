import { inSlices } from '../breather.ts'
import type { Clock } from '../clock.ts'
import type { TrustView } from '../ledger/trust/view.ts'
import type { LedgerView } from '../ledger/view.ts'
import type { DiagnosesView, Diagnosis, DiagnosisChange, Judgement } from './diagnosis.ts'
import { Judge } from './judge.ts'
import { Known } from './known.ts'

/**
 * The pause after everything was judged, as a multiple of the time that this took, so that judging takes little of the processor. What
 * only time changes is found this late at most: a missed renewal of an SVID of 5 minutes has little time.
 */
const pauseFactor = 50
const minPauseMs = 1_000
const maxPauseMs = 5_000

/** The number of changes after which telling them yields. */
const slice = 128

interface Compared {
  readonly known: Known
  readonly changes: readonly DiagnosisChange[]
}

/** Diagnoses holds what is wrong, as of the last time that everything was judged, and tells followers what begins and ends. */
export class Diagnoses implements DiagnosesView {
  readonly #clock: Clock
  readonly #judge: Judge
  readonly #listeners = new Set<(change: DiagnosisChange) => void>()
  #known = new Known()
  #judging: Promise<void> | undefined

  constructor(ledger: LedgerView, clock: Clock) {
    this.#clock = clock
    this.#judge = new Judge(ledger, clock)
  }

  all(): Iterable<Diagnosis> {
    return this.#known.all()
  }

  trust(): TrustView {
    return this.#judge.trust
  }

  follow(listener: (change: DiagnosisChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Judges everything now and then, until the signal aborts. Never rejects. */
  async run(signal: AbortSignal, failed: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(await this.#judgeAndRate(failed), signal)
    }
  }

  /** Judges everything, and returns how long to pause, ms. */
  async #judgeAndRate(failed: (error: unknown) => void): Promise<number> {
    const beganMs = this.#clock.monotonicMs()
    try {
      await this.judge()
    } catch (error) {
      failed(error)
      return maxPauseMs
    }
    return Math.min(Math.max(pauseFactor * (this.#clock.monotonicMs() - beganMs), minPauseMs), maxPauseMs)
  }

  /** Judges everything, in slices. Calls meanwhile share the result. */
  judge(): Promise<void> {
    return (this.#judging ??= this.#judgeAll().finally(() => (this.#judging = undefined)))
  }

  async #judgeAll(): Promise<void> {
    const { known, changes } = await inSlices(this.#clock, this.#compare(this.#known))
    this.#known = known
    if (this.#listeners.size > 0) await inSlices(this.#clock, this.#notify(changes))
  }

  *#compare(before: Known): Generator<undefined, Compared> {
    const known = new Known()
    const changes: DiagnosisChange[] = []
    const judged = (judgement: Judgement): void => {
      const earlier = before.get(judgement.code, judgement.key)
      const diagnosis = diagnosisOf(judgement, earlier, this.#clock)
      known.add(diagnosis)
      if (earlier === undefined) changes.push({ is: 'begun', diagnosis })
      else if (earlier !== diagnosis) changes.push({ is: 'changed', diagnosis, before: earlier })
    }
    if (!(yield* this.#judge.judge(judged))) return yield* this.#compare(before)
    let count = 0
    for (const diagnosis of before.all()) {
      if ((count += 1) % slice === 0) yield
      if (known.get(diagnosis.code, diagnosis.key) === undefined) changes.push({ is: 'ended', diagnosis })
    }
    return { known, changes }
  }

  *#notify(changes: readonly DiagnosisChange[]): Generator<undefined, void> {
    for (const [index, change] of changes.entries()) {
      if (index % slice === 0) yield
      for (const listener of this.#listeners) listener(change)
    }
  }
}

/** Returns the diagnosis of a judgement: the earlier one if nothing has changed. */
function diagnosisOf(judgement: Judgement, earlier: Diagnosis | undefined, clock: Clock): Diagnosis {
  const diagnosis = { ...judgement, sinceMs: judgement.sinceMs ?? earlier?.sinceMs ?? clock.now() }
  return earlier !== undefined && isSame(diagnosis, earlier) ? earlier : diagnosis
}

function isSame(one: Diagnosis, other: Diagnosis): boolean {
  return (
    one.severity === other.severity &&
    one.reason === other.reason &&
    one.sinceMs === other.sinceMs &&
    one.impactMs === other.impactMs &&
    one.remedy === other.remedy &&
    one.explainedBy === other.explainedBy &&
    one.muted === other.muted &&
    hasSameValues(one.subject, other.subject) &&
    hasSameValues(one.evidence, other.evidence)
  )
}

/** Compares the values of two records. */
function hasSameValues(one: object, other: object): boolean {
  if (one === other) return true
  const entries = Object.entries(one)
  return (
    entries.length === Object.keys(other).length &&
    entries.every(([name, value]) => (other as Readonly<Record<string, unknown>>)[name] === value)
  )
}
