import { systemClock as clock } from '../../src/clock.ts'
import { trustDomains } from './askers.ts'
import { isExact, shownIn, type Counts } from './counts.ts'
import type { Program } from './program.ts'
import type { World } from './world.ts'

const everyMs = 250
/** More of them tell nothing new. */
const maxProblems = 20

/** Scrapes a program all along, and compares what it sees with itself and with the truth. */
export class Scraper {
  readonly #program: Program
  readonly #world: World
  readonly #ended = new AbortController()
  readonly #highest = new Map<string, number>()
  readonly #problems: string[] = []
  readonly #running: Promise<void>
  #shown: Counts = new Map()
  #scrapes = 0

  constructor(program: Program, world: World) {
    this.#program = program
    this.#world = world
    this.#running = this.#run()
  }

  /** How often it was answered. */
  get scrapes(): number {
    return this.#scrapes
  }

  /** What must never be seen and was: a value that went down, or that is more than the truth; an end of the program that nobody wanted. */
  get problems(): readonly string[] {
    const { crash } = this.#program
    return crash === undefined ? this.#problems : [...this.#problems, crash]
  }

  /** What the last scrape shows otherwise than the truth, a line each. */
  differences(truth: Counts): readonly string[] {
    const exact = [...this.#shown.keys(), ...truth.keys()].filter(isExact)
    return [...new Set(exact)]
      .filter((series) => (this.#shown.get(series) ?? 0) !== (truth.get(series) ?? 0))
      .map(
        (series) => `${series} is ${this.#shown.get(series) ?? 'not there'}, and should be ${truth.get(series) ?? 0}`,
      )
  }

  /** Whether the last scrape shows at least this. */
  hasShown(counts: Counts): boolean {
    return [...counts].every(([series, count]) => (this.#shown.get(series) ?? 0) >= count)
  }

  /** Whether the last scrape shows of something more than this. */
  hasShownMoreThan(counts: Counts): boolean {
    return [...this.#shown].some(([series, value]) => isExact(series) && value > (counts.get(series) ?? 0))
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended
    for (; !signal.aborted; await clock.sleep(everyMs, signal)) {
      const text = await this.#program.scrape()
      if (text === undefined) continue
      const { counts } = await this.#world.progress()
      this.#shown = shownIn(text, trustDomains)
      this.#scrapes += 1
      for (const [series, value] of this.#shown) this.#compare(series, value, counts.get(series) ?? 0)
    }
  }

  #compare(series: string, value: number, truth: number): void {
    const before = this.#highest.get(series) ?? 0
    if (value < before) this.#report(`${series} went down from ${before} to ${value}`)
    if (isExact(series) && value > truth) this.#report(`${series} is ${value}, and ${truth} is the truth`)
    this.#highest.set(series, Math.max(before, value))
  }

  #report(problem: string): void {
    if (this.#problems.length < maxProblems) this.#problems.push(problem)
  }
}
