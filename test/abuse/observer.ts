import { systemClock as clock } from '../../src/clock.ts'
import { messageOf } from '../../src/errors.ts'
import { percentile } from '../bench/follow.ts'
import type { Program } from '../bench/program.ts'
import { probe, Scraper } from './ask.ts'

/** How many requests of one kind there were, how long they took, and how those failed that did. */
export interface Observed {
  readonly count: number
  readonly p99Ms: number
  readonly longestMs: number
  /** How often each failure was seen. */
  readonly failures: ReadonlyMap<string, number>
}

export interface Observations {
  readonly probes: Observed
  readonly scrapes: Observed
}

const probeEveryMs = 250

/** Probes and scrapes a process, as the kubelet and Prometheus do. */
export class Observer {
  readonly #probes = new Durations()
  readonly #scrapes = new Durations()
  readonly #ended = new AbortController()
  readonly #running: Promise<unknown>

  constructor({ url, probeUrl }: Pick<Program, 'url' | 'probeUrl'>, scrapeEveryMs: number) {
    const paths = ['/healthz', '/readyz']
    this.#running = Promise.all([
      ...paths.map((path) => this.#probe(`${probeUrl}${path}`)),
      this.#scrape(url, scrapeEveryMs),
    ])
  }

  /** Resolves with what was seen, once the last request has ended. */
  async end(): Promise<Observations> {
    this.#ended.abort()
    await this.#running
    return { probes: this.#probes.observed, scrapes: this.#scrapes.observed }
  }

  /** Probes at a fixed pace, whether or not the last probe has ended: a process that stands still delays many of them. */
  async #probe(url: string): Promise<void> {
    const { signal } = this.#ended
    const probes: Promise<unknown>[] = []
    for (; !signal.aborted; await clock.sleep(probeEveryMs, signal)) probes.push(this.#probes.add(() => probe(url)))
    await Promise.all(probes)
  }

  /** Scrapes one time after the other, over the kept connection and a new one in turn. */
  async #scrape(url: string, everyMs: number): Promise<void> {
    const { signal } = this.#ended
    const scraper = new Scraper(url)
    for (let scrapes = 0; !signal.aborted; scrapes += 1) {
      const tookMs = await this.#scrapes.add(() => scraper.scrape(scrapes % 2 === 0 ? 'kept' : 'new'))
      await clock.sleep(Math.max(everyMs - tookMs, 0), signal)
    }
    scraper.close()
  }
}

/** The durations and failures of requests. */
class Durations {
  readonly #durationsMs: number[] = []
  readonly #failures = new Map<string, number>()

  /** Does a request, and resolves with how long it took. */
  async add(request: () => Promise<void>): Promise<number> {
    const sinceMs = clock.monotonicMs()
    try {
      await request()
    } catch (thrown) {
      const failure = messageOf(thrown)
      this.#failures.set(failure, (this.#failures.get(failure) ?? 0) + 1)
    }
    const tookMs = clock.monotonicMs() - sinceMs
    this.#durationsMs.push(tookMs)
    return tookMs
  }

  get observed(): Observed {
    const ascending = this.#durationsMs.toSorted((one, other) => one - other)
    const [p99Ms, longestMs] = [percentile(ascending, 0.99), percentile(ascending, 1)]
    return { count: ascending.length, p99Ms, longestMs, failures: this.#failures }
  }
}
