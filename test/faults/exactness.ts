import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock as clock } from '../../src/clock.ts'
import { startFaultyRelay } from '../support/faultyRelay.ts'
import { faults, forgettingFaults } from './faults.ts'
import type { Counts } from './counts.ts'
import type { Step } from './plan.ts'
import { Program } from './program.ts'
import { Scraper } from './scraper.ts'
import { Stage } from './stage.ts'
import type { World } from './world.ts'

export interface Result {
  readonly scrapes: number
  /** What was seen on the way and must not be. */
  readonly problems: readonly string[]
  /** What is not shown as it should be at the end. */
  readonly differences: readonly string[]
}

/** How long svidwatch has to get over one step. */
const patienceMs = 120_000
/** So many can be relied on that one of them comes to an end that counts. */
const laterRequests = 30
/** It goes on showing the truth for as long. */
const afterwardsMs = 2_000

/**
 * Lets requests live while the steps of a plan go wrong one by one, spread evenly over the requests, and compares what svidwatch
 * shows with the truth, which the load knows by itself. The end of each request must be shown, exactly once, where
 * - it ends after svidwatch has committed for the first time;
 * - it is still there when svidwatch sees again, wherever the API server has forgotten what happened meanwhile. What has ended
 *   and was deleted in such a gap nobody can know of, so requests are kept from before it, when all that has ended is shown,
 *   until something is shown that has ended behind it: from then on nobody has to go back to before the gap, whoever is killed;
 * - its issuer has issued an SVID before: until then its labels are left out, which the truth allows for.
 */
export async function runExactness(world: World, plan: readonly Step[], tell: (line: string) => void): Promise<Result> {
  const cleanups = [() => world.close()]
  try {
    const folder = await mkdtemp(join(tmpdir(), 'svidwatch-exactness-'))
    cleanups.unshift(() => rm(folder, { recursive: true }))
    const relay = await startFaultyRelay(world.credentials)
    cleanups.unshift(() => relay.close())
    const program = await Program.start(relay.kubeconfig, folder)
    cleanups.unshift(() => program.stop())
    const scraper = new Scraper(program, world)
    cleanups.unshift(() => scraper.stop())
    const stage = new Stage(relay, program, world)
    await new Performance(world, stage, scraper, tell).run(plan)
    const { counts } = await world.progress()
    return { scrapes: scraper.scrapes, problems: scraper.problems, differences: scraper.differences(counts) }
  } finally {
    for (const cleanup of cleanups) await cleanup()
  }
}

/** A plan as it is carried out. */
class Performance {
  readonly #world: World
  readonly #stage: Stage
  readonly #scraper: Scraper
  readonly #tell: (line: string) => void
  #allowed = 0
  #hasEnded = false

  constructor(world: World, stage: Stage, scraper: Scraper, tell: (line: string) => void) {
    this.#world = world
    this.#stage = stage
    this.#scraper = scraper
    this.#tell = tell
    const over = () => (this.#hasEnded = true)
    world.ended.then(over, over)
  }

  /** Resolves when all requests have come to their ends, and svidwatch has had the time to show it, and to show more. */
  async run(plan: readonly Step[]): Promise<void> {
    const world = this.#world
    const startMs = clock.now()
    const share = world.requests / (plan.length + 1)
    for (const [index, step] of plan.entries()) {
      // Some requests begin while it goes wrong.
      this.#allow((index + 2) * share)
      while ((await world.progress()).begun < (index + 1) * share) await clock.sleep(50)
      const killed = step.killedAfterMs === undefined ? '' : ', and SIGKILL'
      this.#tell(`${((clock.now() - startMs) / 1000).toFixed(1)} s: ${step.what}${killed}`)
      await this.#carryOut(step)
    }
    this.#allow(world.requests)
    await world.ended
    await this.#caughtUp()
    await clock.sleep(afterwardsMs)
  }

  async #carryOut(step: Step): Promise<void> {
    const isForgotten = step.what !== 'SIGKILL' && forgettingFaults.includes(step.what)
    if (isForgotten) {
      this.#world.keep(true)
      await this.#caughtUp()
    }
    await inTime(step.what, Promise.all([this.#doIt(step.what), this.#killInTheMidst(step)]))
    if (isForgotten) await this.#goneOn()
    await this.#caughtUp()
    this.#world.keep(false)
  }

  #doIt(what: Step['what']): Promise<void> {
    if (what !== 'SIGKILL') return faults[what](this.#stage)
    return this.#stage.untilWatched(() => this.#stage.program.kill())
  }

  async #killInTheMidst({ killedAfterMs }: Step): Promise<void> {
    if (killedAfterMs === undefined) return
    await clock.sleep(killedAfterMs)
    await this.#doIt('SIGKILL')
  }

  /** Lets so many requests begin, or as many as before if those are more. */
  #allow(upTo: number): void {
    this.#allowed = Math.max(this.#allowed, upTo)
    this.#world.allow(this.#allowed)
  }

  /**
   * Returns when everything is shown that has ended by now. What is just about to end is waited for as well: otherwise one of
   * these that is shown could stand for one that is not. Throws where it takes too long: it will not be shown any more.
   */
  async #caughtUp(): Promise<void> {
    const { counts } = await this.#world.progress()
    await this.#shown(counts, () => this.#scraper.hasShown(counts))
  }

  /** Returns when something is shown that has not even been about to end by now, or when there is nothing left to end. */
  async #goneOn(): Promise<void> {
    const { begun, counts } = await this.#world.progress()
    this.#allow(begun + laterRequests)
    await this.#shown(counts, () => this.#scraper.hasShownMoreThan(counts) || this.#hasEnded)
  }

  async #shown(counts: Counts, isShown: () => boolean): Promise<void> {
    const endMs = clock.now() + patienceMs
    while (!isShown()) {
      if (clock.now() > endMs)
        throw new Error(`svidwatch has not caught up: ${this.#scraper.differences(counts).join('\n')}`)
      await clock.sleep(50)
    }
  }
}

async function inTime(name: string, work: Promise<unknown>): Promise<void> {
  const done = new AbortController()
  const late = clock.sleep(patienceMs, done.signal).then(() => {
    if (!done.signal.aborted) throw new Error(`svidwatch has not got over it within ${patienceMs} ms: ${name}`)
  })
  await Promise.race([work, late]).finally(() => done.abort())
}
