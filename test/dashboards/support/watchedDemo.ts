import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ruleGroupsFor } from '../../../alerts/all.ts'
import { exportedLabels, type LabelNames } from '../../../alerts/labelNames.ts'
import { rulesText } from '../../../alerts/ruleFile.ts'
import { Program } from '../../notifications/support/program.ts'
import { prometheusFile } from '../../notifications/support/shippedFiles.ts'

const main = join(import.meta.dirname, '../../../src/cli/main.ts')

export type Labels = Readonly<Record<string, string>>

/** Whether a Prometheus honors labels, or renames them to `exported_...`. */
export type Form = 'honored' | 'exported'

/** The names of labels in the Prometheus that does not honor them. */
export const otherNames: LabelNames = { cluster: 'k8s_cluster_name', exported: exportedLabels.exported }

/** The labels of svidwatch itself there. */
export const ownLabels: Labels = { namespace: 'svidwatch', pod: 'svidwatch-1' }

/** A demo, a Prometheus that scrapes it with the shipped configuration and rules, and another one that does not honor labels. */
export class WatchedDemo implements AsyncDisposable {
  readonly #all: AsyncDisposableStack
  readonly #prometheus: Readonly<Record<Form, string>>

  private constructor(all: AsyncDisposableStack, prometheus: Readonly<Record<Form, string>>) {
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
    const prometheus = async (form: Form, settings: string): Promise<string> => {
      const file = join(folder, `${form}.yaml`)
      await writeFile(file, settings)
      const program = await Program.start({
        program: 'prometheus',
        args: [
          `--config.file=${file}`,
          `--storage.tsdb.path=${join(folder, form)}`,
          '--web.listen-address=127.0.0.1:0',
        ],
        said: /msg="Listening on".* address=(\S+)/,
      })
      return starting.use(program).said
    }
    // Nobody listens for alerts there.
    const common = { svidwatch: demo.said, alertmanager: '127.0.0.1:9', cluster: 'demo' }
    const rulesFile = join(folder, 'exported.rules.yaml')
    await writeFile(rulesFile, rulesText(ruleGroupsFor(otherNames)))
    const targetLabels = { ...ownLabels, [otherNames.cluster]: 'demo' }
    const honored = await prometheus('honored', prometheusFile(common))
    const exported = await prometheus('exported', prometheusFile({ ...common, rulesFile, targetLabels }))
    return new WatchedDemo(starting.move(), { honored, exported })
  }

  /** The labels of all series with a number that an expression returns now. Throws where Prometheus refuses it. */
  async query(expr: string, form: Form = 'honored'): Promise<readonly Labels[]> {
    const body = new URLSearchParams({ query: expr })
    const answer = await fetch(`http://${this.#prometheus[form]}/api/v1/query`, { method: 'POST', body })
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
