import { messageOf } from '../errors.ts'
import { isNewer } from '../resourceVersion.ts'
import { retry, type Life, type Wait } from '../retry/retry.ts'
import { Breather } from '../breather.ts'
import { Silence } from '../http/silence.ts'
import { deliver, type Receiver } from './deliver.ts'
import type { ReflectorTrouble } from './handler.ts'
import { KubernetesError } from './kubernetesError.ts'
import { listPages } from './listPages.ts'
import { openWatch, type WatchTarget } from './watch.ts'
import type { WatchEvent } from './watchEvent.ts'
import { WatchEvidence } from './watchEvidence.ts'
import { watchList } from './watchList.ts'

export interface ReflectorOptions<T> extends WatchTarget, Receiver<T> {
  /** A resourceVersion up to which everything is known. Later events are delivered as changes after the first list. */
  readonly resumeFrom?: string | undefined
  /** How many objects a page of a list may have. */
  readonly pageSize: number
  /** Returns how long the next watch lasts at most, in seconds. It lasts at least half of that. 600 by default. */
  readonly longestWatchS?: (() => number) | undefined
}

/**
 * Lists a collection of Kubernetes objects and then watches it, until `signal` aborts. Failures are reported and retried. No
 * object is kept. Resolves after the abort.
 */
export async function runReflector<T>(options: ReflectorOptions<T>): Promise<void> {
  await new Reflector(options).run()
}

/** A watch that has lasted this long is a success: the next failure counts as the first in a row. */
const steadyMs = 1000
/** Watches differ in length, so that those of many clients do not end together. */
const usualWatchS = 600
/**
 * A watch without a line for 2 to 3 minutes is dead, or its API server sends no bookmarks, which otherwise come once a minute and 2 s
 * before the end of a watch.
 */
const silentMs = { least: 120_000, spread: 60_000 }
/** A watch without a line is dead this long after the API server should have ended it. */
const graceMs = 30_000

class Reflector<T> {
  readonly #options: ReflectorOptions<T>
  /** The resourceVersion from which to watch; undefined if a list is needed first. */
  #position: string | undefined
  #resumeFrom: string | undefined
  /** Whether the position is the version of a list from which no watch has been steady yet. */
  #isJustListed = false
  #hasWatchList = true

  constructor(options: ReflectorOptions<T>) {
    this.#options = options
    this.#resumeFrom = options.resumeFrom
  }

  async run(): Promise<void> {
    const { clock, signal } = this.#options
    await retry<never>({
      ...{ clock, signal, steadyMs },
      attempt: (life) => this.#attempt(life),
      waitAfter: (thrown) => this.#waitAfter(thrown),
      failed: (thrown, retryInMs) => this.#failed(thrown, retryInMs),
    })
  }

  /** Watches once, after a list if there is no position. */
  async #attempt(life: Life): Promise<undefined> {
    this.#position ??= await this.#list()
    await this.#watch(this.#position, life)
  }

  /** Lists, and resolves with the resourceVersion from which to watch. */
  async #list(): Promise<string> {
    const version = (await this.#watchList()) ?? (await listPages(this.#options, this.#options.pageSize, this.#options))
    this.#options.handler.listed(version)
    this.#options.handler.contact()
    const from = this.#resumeFrom
    this.#resumeFrom = undefined
    // A resourceVersion newer than that of the list comes from another history, such as before a backup was restored. A watch
    // from it would be silent until the cluster's history has caught up.
    const canResume = from !== undefined && !isNewer(from, version)
    this.#isJustListed = !canResume
    return canResume ? from : version
  }

  /** An API server without streaming lists is not asked for one again: a silent stream costs a minute each time. */
  async #watchList(): Promise<string | undefined> {
    if (!this.#hasWatchList) return undefined
    const version = await watchList(this.#options, this.#options)
    this.#hasWatchList = version !== undefined
    return version
  }

  /**
   * Watches until the API server ends the watch, or until it has been silent for too long. That is no trouble in itself: the next watch
   * shows whether the API server answers.
   */
  async #watch(resourceVersion: string, life: Life): Promise<void> {
    const { clock, signal, longestWatchS = () => usualWatchS } = this.#options
    const timeoutS = Math.ceil((longestWatchS() * (1 + clock.random())) / 2)
    const silence = new Silence(clock, this.#longestSilenceMs(timeoutS), signal)
    try {
      const events = await openWatch({ ...this.#options, signal: silence.signal }, timeoutS, { resourceVersion })
      silence.broken()
      life.begun()
      await this.#follow(events, silence)
    } catch (thrown) {
      if (!silence.isTooLong) throw thrown
    } finally {
      silence.end()
      if (life.isSteady) this.#isJustListed = false
    }
  }

  #longestSilenceMs(timeoutS: number): number {
    return Math.min(silentMs.least + silentMs.spread * this.#options.clock.random(), timeoutS * 1000 + graceMs)
  }

  async #follow(events: AsyncIterable<WatchEvent>, silence: Silence): Promise<void> {
    const { clock, handler } = this.#options
    const breather = new Breather(clock)
    const evidence = new WatchEvidence(clock, silence.signal, () => handler.contact())
    try {
      for await (const event of events) {
        silence.broken()
        if (event.meta.resourceVersion !== '') this.#position = event.meta.resourceVersion
        deliver(event, false, this.#options)
        evidence.after(event)
        await breather.breathe()
      }
    } finally {
      evidence.end()
    }
  }

  /**
   * Returns how to wait after a failure. `expired` at an old position, as after an outage, counts as the first failure in a row:
   * the API server answers again, and earlier failures do not matter for the list that is needed now.
   */
  #waitAfter(thrown: unknown): Wait {
    if (!(thrown instanceof KubernetesError)) return {}
    const isFirst = thrown.code === 'expired' && this.#position !== undefined && !this.#isJustListed
    return { isFirst, retryAfterMs: thrown.retryAfterMs }
  }

  #failed(thrown: unknown, retryInMs: number): undefined {
    const trouble = troubleOf(thrown)
    if (trouble.code === 'expired') this.#position = undefined
    this.#options.handler.trouble(trouble, retryInMs)
  }
}

function troubleOf(thrown: unknown): ReflectorTrouble {
  if (!(thrown instanceof KubernetesError)) return { code: 'internal', message: messageOf(thrown) }
  const { code, message, missing } = thrown
  return { code: code === 'conflict' ? 'protocol' : code, message, missing }
}
