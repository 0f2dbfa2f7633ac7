import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Program } from '../../notifications/support/program.ts'
import { prometheusFile } from '../../notifications/support/shippedFiles.ts'

const main = join(import.meta.dirname, '../../../src/cli/main.ts')

export type Labels = Readonly<Record<string, string>>

/** A demo, and a Prometheus that scrapes it with the shipped configuration and evaluates the shipped rules. */
export class WatchedDemo implements AsyncDisposable {
  readonly #all: AsyncDisposableStack
  readonly #prometheus: string

  private constructor(all: AsyncDisposableStack, prometheus: string) {
    this.#all = all
    this.#prometheus = prometheus
  }

  static async start(): Promise<WatchedDemo> {
    await using starting = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'dashboards-'))
    starting.defer(() => rm(folder, { recursive: true }))
    const demo = await Program.start({
      program: process.execPath,
      args: [main, 'demo', '--port', '0', '--probe-port', '0'],
      said: /^ +metrics +http:\/\/(\S+)\/metrics$/,
    })
    starting.use(demo)
    const file = join(folder, 'prometheus.yaml')
    // Nobody listens for alerts there.
    await writeFile(file, prometheusFile({ svidwatch: demo.said, alertmanager: '127.0.0.1:9', cluster: 'demo' }))
    const prometheus = await Program.start({
      program: 'prometheus',
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
      ],
      said: /msg="Listening on".* address=(\S+)/,
    })
    starting.use(prometheus)
    return new WatchedDemo(starting.move(), prometheus.said)
  }

  /** The labels of all series with a number that an expression returns now. Throws where Prometheus refuses it. */
  async query(expr: string): Promise<readonly Labels[]> {
    const body = new URLSearchParams({ query: expr })
    const answer = await fetch(`http://${this.#prometheus}/api/v1/query`, { method: 'POST', body })
    const { data, error } = (await answer.json()) as { data?: Answer; error?: string }
    if (!data) throw new Error(`${error ?? answer.statusText}: ${expr}`)
    if (data.resultType === 'scalar') return [{}]
    return data.result.filter(({ value }) => value[1] !== 'NaN').map(({ metric }) => metric)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#all.disposeAsync()
  }
}

type Answer =
  | {
      readonly resultType: 'vector'
      readonly result: readonly { readonly metric: Labels; readonly value: [number, string] }[]
    }
  | { readonly resultType: 'scalar' }
