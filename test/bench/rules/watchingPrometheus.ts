import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock as clock } from '../../../src/clock.ts'
import { Program } from '../../notifications/support/program.ts'
import { prometheusFile } from '../../notifications/support/shippedFiles.ts'

/** A series and its values, as an answer to a range query has them: times in seconds, numbers as text. */
export interface RangeSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [seconds: number, value: string])[]
}

export interface WatchingPrometheusOptions {
  /** Host and port of svidwatch, which also takes the alerts. */
  readonly target: string
  readonly rulesFile: string
  /** The interval of scrapes and evaluations. */
  readonly intervalSeconds: number
}

/** A Prometheus with the shipped configuration, and an empty database that is removed at the end. */
export class WatchingPrometheus implements AsyncDisposable {
  readonly #all: AsyncDisposableStack
  readonly #program: Program

  private constructor(all: AsyncDisposableStack, program: Program) {
    this.#all = all
    this.#program = program
  }

  static async start({ target, rulesFile, intervalSeconds }: WatchingPrometheusOptions): Promise<WatchingPrometheus> {
    await using starting = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'svidwatch-bench-'))
    starting.defer(() => rm(folder, { recursive: true }))
    const file = join(folder, 'prometheus.yaml')
    const interval = `${intervalSeconds}s`
    const addresses = { svidwatch: target, alertmanager: target, cluster: 'bench' }
    await writeFile(file, prometheusFile({ ...addresses, interval, rulesFile }))
    const data = join(folder, 'data')
    const program = await Program.start({
      program: 'prometheus',
      args: [`--config.file=${file}`, `--storage.tsdb.path=${data}`, '--web.listen-address=127.0.0.1:0'],
      said: /msg="Listening on".* address=(\S+)/,
    })
    starting.use(program)
    while (!(await fetch(`http://${program.said}/-/ready`)).ok) await clock.sleep(100)
    return new WatchingPrometheus(starting.move(), program)
  }

  get pid(): number {
    return this.#program.pid
  }

  /** Returns the metrics of Prometheus itself. */
  async ownMetrics(): Promise<string> {
    return (await this.#get('/metrics')).text()
  }

  /** Makes Prometheus collect its garbage. */
  async collectGarbage(): Promise<void> {
    await (await this.#get('/debug/pprof/heap?gc=1')).arrayBuffer()
  }

  /** Returns the value of an expression with one series at most; undefined if it has none. */
  async value(expr: string): Promise<number | undefined> {
    const answer = await this.#get(`/api/v1/query?${query({ query: expr })}`)
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
    return data.result[0] && Number(data.result[0].value[1])
  }

  /** Returns the values of an expression between two times, in seconds since the Unix epoch. */
  async range(expr: string, start: number, end: number, step: number): Promise<readonly RangeSeries[]> {
    const parameters = query({ query: expr, start: String(start), end: String(end), step: String(step) })
    const answer = await this.#get(`/api/v1/query_range?${parameters}`)
    return ((await answer.json()) as { data: { result: RangeSeries[] } }).data.result
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#all.disposeAsync()
  }

  async #get(path: string): Promise<Response> {
    const response = await fetch(`http://${this.#program.said}${path}`)
    if (!response.ok) throw new Error(`Prometheus answers ${path} with ${response.status}: ${await response.text()}`)
    return response
  }
}

const query = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString()
