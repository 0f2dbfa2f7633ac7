import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Program } from '../../../notifications/support/program.ts'
import { prometheusFile } from '../../../notifications/support/shippedFiles.ts'

export type Labels = Readonly<Record<string, string>>

export interface FiringAlert {
  readonly labels: Labels
  readonly annotations: Labels
  readonly state: 'pending' | 'firing'
}

interface Target {
  readonly scrapePool: string
  readonly health: string
  readonly lastError: string
}

interface RuleGroup {
  readonly name: string
  readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]
}

/** A Prometheus with deploy/prometheus/prometheus.yaml, in which only addresses and the interval are others. */
export class Prometheus implements AsyncDisposable {
  readonly #program: Program
  readonly #folder: string

  private constructor(program: Program, folder: string) {
    this.#program = program
    this.#folder = folder
  }

  static async start(
    options: Omit<Parameters<typeof prometheusFile>[0], 'alertmanager' | 'cluster'>,
  ): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'svidwatch-prometheus-'))
    const file = join(folder, 'prometheus.yaml')
    // Nobody listens for alerts there.
    await writeFile(file, prometheusFile({ ...options, alertmanager: '127.0.0.1:9', cluster: 'test' }))
    const storage = `--storage.tsdb.path=${join(folder, 'data')}`
    const program = await Program.start({
      program: 'prometheus',
      args: [`--config.file=${file}`, storage, '--web.listen-address=127.0.0.1:0'],
      said: /msg="Listening on".* address=(\S+)/,
    })
    return new Prometheus(program, folder)
  }

  async targets(): Promise<readonly Target[]> {
    return ((await this.#ask('targets')) as { activeTargets: readonly Target[] }).activeTargets
  }

  async ruleGroups(): Promise<readonly RuleGroup[]> {
    return ((await this.#ask('rules')) as { groups: readonly RuleGroup[] }).groups
  }

  /** Returns the alerts that fire, without the dead man's switch. */
  async firing(): Promise<readonly FiringAlert[]> {
    const { alerts } = (await this.#ask('alerts')) as { alerts: readonly FiringAlert[] }
    return alerts.filter(({ state, labels }) => state === 'firing' && labels['severity'] !== 'none')
  }

  /** Returns the series that an expression returns now. */
  async query(expression: string): Promise<readonly { readonly metric: Labels; readonly value: number }[]> {
    const answer = (await this.#ask(`query?${String(new URLSearchParams({ query: expression }))}`)) as {
      result: readonly { metric: Labels; value: [number, string] }[]
    }
    return answer.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
    await rm(this.#folder, { recursive: true })
  }

  async #ask(path: string): Promise<unknown> {
    this.#program.assertRuns()
    const answer = await fetch(`http://${this.#program.said}/api/v1/${path}`)
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
    return ((await answer.json()) as { data: unknown }).data
  }
}
