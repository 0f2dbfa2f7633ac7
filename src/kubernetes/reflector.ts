import { messageOf } from '../errors.ts'
import { isNewer } from '../resourceVersion.ts'
import { retry, type Life, type Wait } from '../retry/retry.ts'
import { Breather } from '../breather.ts'
import { deliver, type Receiver } from './deliver.ts'
import type { ReflectorTrouble } from './handler.ts'
import { KubernetesError } from './kubernetesError.ts'
import { isTooLong, listPages } from './listPages.ts'
import { openWatch, type WatchTarget } from './watch.ts'
import { watchList } from './watchList.ts'

export interface ReflectorOptions<T> extends WatchTarget, Receiver<T> {
  /** A resourceVersion up to which everything is known: what has happened since comes as changes, after the first list. */
  readonly resumeFrom?: string | undefined
  /** How many objects to ask for at once where lists come in pages; fewer from then on where a page is too long. */
  readonly pageSize: number
}

/**
 * Lists a collection of Kubernetes objects and then watches it, for good: whatever fails is reported and tried again. No
 * object is kept. Resolves when `signal` aborts.
 */
export async function runReflector<T>(options: ReflectorOptions<T>): Promise<void> {
  await new Reflector(options).run()
}

/** A watch that has lived this long is a success: the next failure is the first one in a row. */
const steadyMs = 1000
/** Watches live 5 to 10 minutes, so that those of many clients do not end together. */
const watchTimeoutS = { least: 300, spread: 300 }

class Reflector<T> {
  readonly #options: ReflectorOptions<T>
  /** Where the watch goes on; undefined: list first. */
  #position: string | undefined
  #resumeFrom: string | undefined
  /** The position is the version of a list from which no watch has lived yet. */
  #isJustListed = false
  #hasWatchList = true
  #pageSize: number
  #inContact = false

  constructor(options: ReflectorOptions<T>) {
    this.#options = options
    this.#resumeFrom = options.resumeFrom
    this.#pageSize = options.pageSize
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

  /** One watch, after a list where there is no position to go on from. */
  async #attempt(life: Life): Promise<undefined> {
    this.#position ??= await this.#list()
    await this.#watch(this.#position, life)
  }

  /** Resolves with where the watch has to begin. */
  async #list(): Promise<string> {
    const version = (await this.#watchList()) ?? (await this.#listPages())
    this.#options.handler.listed(version)
    this.#reportContact()
    const from = this.#resumeFrom
    this.#resumeFrom = undefined
    // What is newer than a list made just now comes from another history, such as that of a cluster whose backup was
    // restored here: a watch from there would be silent until this history has caught up.
    const isOfUse = from !== undefined && !isNewer(from, version)
    this.#isJustListed = !isOfUse
    return isOfUse ? from : version
  }

  async #listPages(): Promise<string> {
    try {
      return await listPages(this.#options, this.#pageSize, this.#options)
    } catch (thrown) {
      if (isTooLong(thrown)) this.#pageSize = Math.ceil(this.#pageSize / 2)
      throw thrown
    }
  }

  /** What has no such streams once is not asked for one again: a silent one costs a minute each time. */
  async #watchList(): Promise<string | undefined> {
    if (!this.#hasWatchList) return undefined
    const version = await watchList(this.#options, this.#options)
    this.#hasWatchList = version !== undefined
    return version
  }

  /** Follows one watch to its normal end. */
  async #watch(resourceVersion: string, life: Life): Promise<void> {
    const { clock } = this.#options
    const timeoutS = Math.floor(watchTimeoutS.least + watchTimeoutS.spread * clock.random())
    const events = await openWatch(this.#options, timeoutS, { resourceVersion })
    this.#reportContact()
    life.begun()
    const breather = new Breather(clock)
    try {
      for await (const event of events) {
        if (event.meta.resourceVersion !== '') this.#position = event.meta.resourceVersion
        deliver(event, false, this.#options)
        await breather.breathe()
      }
    } finally {
      if (life.isSteady) this.#isJustListed = false
    }
  }

  #reportContact(): void {
    if (this.#inContact) return
    this.#inContact = true
    this.#options.handler.contact()
  }

  /**
   * There is no history since the position. Where that is an old one, as after an outage, the API server is there again and has
   * only this to say: whatever has failed before says nothing about the list that is needed now.
   */
  #waitAfter(thrown: unknown): Wait {
    if (!(thrown instanceof KubernetesError)) return {}
    const isFirst = thrown.code === 'expired' && this.#position !== undefined && !this.#isJustListed
    return { isFirst, retryAfterMs: thrown.retryAfterMs }
  }

  #failed(thrown: unknown, retryInMs: number): undefined {
    const trouble = troubleOf(thrown)
    if (trouble.code === 'expired') this.#position = undefined
    this.#inContact = false
    this.#options.handler.trouble(trouble, retryInMs)
  }
}

function troubleOf(thrown: unknown): ReflectorTrouble {
  if (!(thrown instanceof KubernetesError)) return { code: 'internal', message: messageOf(thrown) }
  return { code: thrown.code === 'conflict' ? 'protocol' : thrown.code, message: thrown.message }
}
