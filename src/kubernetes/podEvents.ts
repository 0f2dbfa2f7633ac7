import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { InTurn } from '../inTurn.ts'
import { boundedBytes } from '../text/boundedBytes.ts'
import { microTime } from '../text/rfc3339.ts'
import type { KubernetesClient } from './client.ts'
import { KubernetesError } from './kubernetesError.ts'
import type { PodReference } from './podState.ts'

/** What an Event says. `reason` and `action` are codes in UpperCamelCase. */
export interface EventText {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly action: string
  readonly note: string
}

export interface PodEventsOptions {
  readonly clock: Clock
  readonly client: Pick<KubernetesClient, 'request'>
  /** The program that tells, such as `svidwatch.io/watchdog`. */
  readonly controller: string
  /** Names this process. */
  readonly instance: string
  /** Called with the first failure after a success. */
  readonly onProblem?: (message: string) => void
}

/** The API server's own limits, in bytes. */
const maxNoteBytes = 1024
const maxCodeBytes = 128
/** Leaves room for what makes the name of an Event its own. */
const maxPodNameLength = 200
/** A repeat is written at once; further ones are counted, and written this long after the last write. */
const rewriteMs = 60_000
/** API servers keep an Event for an hour after its last write. */
const seriesMs = 3_600_000
/** What is told of more pods begins new series. */
const maxSeries = 1_000
/** What waits while the API server is slow. More is not told. */
const maxWaiting = 100
const timeoutMs = 5_000

/** An Event that was written, and how often it was told since. */
interface Series {
  readonly path: string
  count: number
  /** In the time of `Clock.monotonicMs`. */
  writtenMs: number
}

/** PodEvents writes Events (`events.k8s.io/v1`) about pods. What is told again is counted in a series. Failures are counted, too. */
export class PodEvents {
  readonly #options: PodEventsOptions
  readonly #series = new Map<string, Series>()
  readonly #calls = new InTurn()
  #waiting = 0
  #written = 0
  #hasFailed = false
  failures = 0

  constructor(options: PodEventsOptions) {
    this.#options = options
  }

  /** Resolves when it is told, or has failed. Never rejects. */
  async tell(pod: PodReference, text: EventText, signal: AbortSignal): Promise<void> {
    if (this.#waiting === maxWaiting) return this.#fail(new Error(`more than ${maxWaiting} Events wait`))
    this.#waiting += 1
    try {
      await this.#calls.run(signal, () => this.#tell(pod, text, signal))
    } catch (error) {
      if (!signal.aborted) this.#fail(error)
    } finally {
      this.#waiting -= 1
    }
  }

  async #tell(pod: PodReference, text: EventText, signal: AbortSignal): Promise<void> {
    const key = JSON.stringify([pod.uid, text.type, text.reason, text.action, text.note])
    const series = this.#series.get(key)
    this.#series.delete(key)
    const isKept = series !== undefined && this.#ageOf(series) < seriesMs && (await this.#repeat(series, signal))
    this.#keep(key, isKept ? series : await this.#create(pod, text, signal))
  }

  /** Returns false if the Event is gone. */
  async #repeat(series: Series, signal: AbortSignal): Promise<boolean> {
    const { clock, client } = this.#options
    series.count += 1
    if (series.count > 2 && this.#ageOf(series) < rewriteMs) return true
    const body = { series: { count: series.count, lastObservedTime: microTime(clock.now()) } }
    const contentType = 'application/merge-patch+json'
    try {
      await client.request('PATCH', series.path, { body, contentType, signal, timeoutMs })
    } catch (error) {
      if (error instanceof KubernetesError && error.missing === 'object') return false
      throw error
    }
    this.#succeed(series)
    return true
  }

  async #create(pod: PodReference, text: EventText, signal: AbortSignal): Promise<Series> {
    const { clock, client, controller, instance } = this.#options
    const { namespace, name: podName, uid } = pod
    const name = this.#newName(podName)
    const body = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name, namespace },
      eventTime: microTime(clock.now()),
      type: text.type,
      reason: boundedBytes(text.reason, maxCodeBytes),
      action: boundedBytes(text.action, maxCodeBytes),
      note: boundedBytes(text.note, maxNoteBytes),
      regarding: { apiVersion: 'v1', kind: 'Pod', namespace, name: podName, uid },
      reportingController: controller,
      reportingInstance: boundedBytes(instance, maxCodeBytes),
    }
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`
    await client.request('POST', path, { body, signal, timeoutMs })
    const series = { path: `${path}/${name}`, count: 1, writtenMs: 0 }
    this.#succeed(series)
    return series
  }

  /** No other Event of the pod has this name, of this process or of another one. */
  #newName(pod: string): string {
    const { clock } = this.#options
    const number = [clock.now(), Math.floor(clock.random() * 2 ** 32), (this.#written += 1)]
    const start = pod.slice(0, maxPodNameLength).replace(/[-.]+$/, '')
    return `${start}.${number.map((part) => Math.floor(part).toString(16)).join('-')}`
  }

  #keep(key: string, series: Series): void {
    this.#series.set(key, series)
    const [oldest] = this.#series.keys()
    if (this.#series.size > maxSeries && oldest !== undefined) this.#series.delete(oldest)
  }

  #ageOf({ writtenMs }: Series): number {
    return this.#options.clock.monotonicMs() - writtenMs
  }

  #succeed(series: Series): void {
    series.writtenMs = this.#options.clock.monotonicMs()
    this.#hasFailed = false
  }

  #fail(error: unknown): void {
    this.failures += 1
    if (!this.#hasFailed) this.#options.onProblem?.(`an Event cannot be written: ${messageOf(error)}`)
    this.#hasFailed = true
  }
}
