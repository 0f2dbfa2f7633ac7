import type { Clock } from '../clock.ts'
import { readTextFile, type FileBounds, type FileFailure } from './readTextFile.ts'
import { Timeouts } from './timeouts.ts'

/** How long the calls of one run may take: a file system that takes longer is taken for one that never answers. */
const answerWithinMs = 10_000

/** How long others wait for calls that take longer than usual. */
const patienceMs = 500

/** The most runs at the same time. Each has one thread of libuv's pool, so the pool must have more threads. */
export const maxPlaces = 32

const namedWhenFull = 3

/** The calls have not ended in time. They may be under way still, or there was no place for them. */
export class NoAnswer implements FileFailure {
  readonly problem = 'no_answer'
  readonly detail: string

  constructor(detail: string) {
    this.detail = detail
  }
}

interface Run {
  isLate: boolean
  hasEnded: boolean
  /** Those who wait for this run to end or to be late. */
  readonly waiting: (() => void)[]
}

/**
 * Runs the calls of this process to file systems, so that one that never answers, such as NFS without its server, costs only what
 * is on it. A call cannot be given up: its thread waits in the kernel. So runs have names, those of the volumes and files that they
 * are about, and there is at most one run under each name, and 32 in all. A run makes one call at a time.
 */
export class FileCalls {
  readonly #clock: Clock
  readonly #deadlines: Timeouts
  readonly #patience: Timeouts
  readonly #places: number
  #freePlaces: number
  /** Those that wait for a place, and those that have one. */
  readonly #runs = new Map<string, Run>()
  readonly #waiting: ((refusal: NoAnswer | undefined) => void)[] = []
  readonly #texts = new Map<string, Promise<{ readonly text: string } | FileFailure>>()

  constructor(clock: Clock, places = maxPlaces) {
    this.#clock = clock
    this.#deadlines = new Timeouts(clock, answerWithinMs)
    this.#patience = new Timeouts(clock, patienceMs)
    this.#places = places
    this.#freePlaces = places
  }

  /** Reports whether a run of this name waits for a place or is under way. */
  isBusy(name: string): boolean {
    return this.#runs.has(name)
  }

  /** Reports whether a run of this name is under way and has not ended in time. */
  isStuck(name: string): boolean {
    return this.#runs.get(name)?.isLate === true
  }

  /** Says that no file can be read, because runs that do not end have all places; undefined if files can be read. */
  get blindness(): string | undefined {
    const stuck = [...this.#runs].flatMap(([name, { isLate }]) => (isLate ? [name] : []))
    if (stuck.length < this.#places) return undefined
    const others = stuck.length - namedWhenFull
    const names = stuck.slice(0, namedWhenFull).join(', ') + (others > 0 ? ` and ${others} more` : '')
    return `no file can be read, because ${stuck.length} volumes or files do not answer: ${names}`
  }

  /**
   * Runs `calls` as soon as there is a place. Resolves with their result, or with `NoAnswer` after 10 s, at once if an earlier run
   * of this name is stuck or stuck ones have all places. Calls that end after that have no effect but `onLateEnd`.
   */
  async run<Result>(name: string, calls: () => Promise<Result>, onLateEnd?: () => void): Promise<Result | NoAnswer> {
    for (let earlier = this.#runs.get(name); earlier !== undefined; earlier = this.#runs.get(name)) {
      if (earlier.isLate) return notInTime
      await settled(earlier)
    }
    const run: Run = { isLate: false, hasEnded: false, waiting: [] }
    this.#runs.set(name, run)
    const refusal = this.#takePlace() ? undefined : await this.#place()
    if (refusal === undefined) return this.#answer(name, run, calls, onLateEnd)
    this.#end(name, run)
    return refusal
  }

  /** Returns the text of a file, as `readTextFile` does. Those who read the same file at the same time share one run. */
  async readText(path: string, bounds: FileBounds): Promise<{ readonly text: string } | FileFailure> {
    const shared = this.#texts.get(path)
    if (shared !== undefined) return shared
    const text = this.run(path, () => readTextFile(path, bounds)).finally(() => this.#texts.delete(path))
    this.#texts.set(path, text)
    return text
  }

  /** Waits for `work` as long as calls usually take. Work that takes longer goes on. */
  unlessSlow(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#patience.add(resolve)
      work.finally(cancel).then(resolve, reject)
    })
  }

  /** Resolves with the result of `calls`, or after 10 s. */
  #answer<Result>(
    name: string,
    run: Run,
    calls: () => Promise<Result>,
    onLateEnd: (() => void) | undefined,
  ): Promise<Result | NoAnswer> {
    return new Promise((resolve, reject) => {
      const cancel = this.#deadlines.add(() => void this.#late(run).then(resolve))
      const ended = () => {
        cancel()
        this.#end(name, run)
        this.#leavePlace()
        if (run.isLate) onLateEnd?.()
      }
      calls().finally(ended).then(resolve, reject)
    })
  }

  /** The time of a run is over. A process that was stopped for a while first takes the answers that came meanwhile. */
  async #late(run: Run): Promise<NoAnswer> {
    await this.#clock.sleep(0)
    run.isLate = !run.hasEnded
    release(run)
    this.#refuseIfBlind()
    return notInTime
  }

  #end(name: string, run: Run): void {
    run.hasEnded = true
    this.#runs.delete(name)
    release(run)
  }

  #takePlace(): boolean {
    if (this.#freePlaces === 0) return false
    this.#freePlaces -= 1
    return true
  }

  /** Gives the place to the next one that waits. */
  #leavePlace(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#freePlaces += 1
    else next(undefined)
  }

  /** Waits for a place, first come first served. Resolves with why there will be none. */
  #place(): Promise<NoAnswer | undefined> {
    const { blindness } = this
    if (blindness !== undefined) return Promise.resolve(new NoAnswer(blindness))
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #refuseIfBlind(): void {
    const { blindness } = this
    if (blindness === undefined) return
    for (const refuse of this.#waiting.splice(0)) refuse(new NoAnswer(blindness))
  }
}

const notInTime = new NoAnswer(`its file system has not answered within ${answerWithinMs / 1000} s`)

const settled = (run: Run): Promise<void> => new Promise((resolve) => run.waiting.push(resolve))

function release({ waiting }: Run): void {
  for (const resolve of waiting.splice(0)) resolve()
}
