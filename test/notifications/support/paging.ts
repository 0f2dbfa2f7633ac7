import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Program } from './program.ts'
import { Receiver, type Alert, type Labels, type Notification } from './receiver.ts'
import { alertmanagerFile, prometheusFile } from './shippedFiles.ts'

const main = join(import.meta.dirname, '../../../src/cli/main.ts')

/** An alert as Alertmanager holds it. */
export interface HeldAlert {
  readonly fingerprint: string
  readonly labels: Labels
  readonly annotations: Labels
  /** The fingerprints of the alerts that hold it back. */
  readonly status: { readonly inhibitedBy: readonly string[] }
}

/** The alerts with one name that fire in a notification. */
interface Page {
  readonly groupLabels: Labels
  readonly firing: readonly Alert[]
}

/** Alerts that Alertmanager notifies of together. */
interface HeldGroup {
  readonly labels: Labels
  readonly receiver: { readonly name: string }
  readonly alerts: readonly HeldAlert[]
}

/** An Alertmanager with the shipped routes, what it notifies of, and the clusters that send to it. */
export class Paging implements AsyncDisposable {
  readonly #all: AsyncDisposableStack
  readonly #folder: string
  readonly #receiver: Receiver
  readonly #alertmanager: Program

  private constructor(all: AsyncDisposableStack, folder: string, receiver: Receiver, alertmanager: Program) {
    this.#all = all
    this.#folder = folder
    this.#receiver = receiver
    this.#alertmanager = alertmanager
  }

  static async start(): Promise<Paging> {
    await using starting = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'notifications-'))
    starting.defer(() => rm(folder, { recursive: true }))
    const receiver = starting.use(await Receiver.start())
    const file = join(folder, 'alertmanager.yaml')
    await writeFile(file, alertmanagerFile(receiver.url))
    const storage = join(folder, 'alertmanager')
    const args = [`--config.file=${file}`, `--storage.path=${storage}`, '--cluster.listen-address=']
    const alertmanager = starting.use(await startServer('alertmanager', args))
    return new Paging(starting.move(), folder, receiver, alertmanager)
  }

  /** A demo, and a Prometheus with the shipped rules that scrapes it. */
  async addCluster(cluster: string, demoOptions: readonly string[] = []): Promise<void> {
    const demo = await Program.start({
      program: process.execPath,
      args: [main, 'demo', '--port', '0', '--probe-port', '0', ...demoOptions],
      said: /^ +metrics +http:\/\/(\S+)\/metrics$/,
    })
    this.#all.use(demo)
    await this.addPrometheus(cluster, demo.said)
  }

  /** A Prometheus with the shipped rules that scrapes a svidwatch at this address. */
  async addPrometheus(cluster: string, svidwatch: string): Promise<void> {
    const file = join(this.#folder, `${cluster}.yaml`)
    await writeFile(file, prometheusFile({ svidwatch, alertmanager: this.#alertmanager.said, cluster }))
    const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(this.#folder, cluster)}`]
    this.#all.use(await startServer('prometheus', args))
  }

  /** All notifications that have arrived, in order. */
  get arrived(): readonly Notification[] {
    return this.#receiver.notifications
  }

  /** All notifications of a cluster that have arrived at a receiver, in order. */
  notifications(cluster: string, receiver: string): readonly Notification[] {
    const isOfCluster = ({ labels }: Alert) => labels['cluster'] === cluster
    return this.#receiver.notifications.filter((each) => each.receiver === receiver && each.alerts.some(isOfCluster))
  }

  /** The notifications to who is on call in which this alert of a cluster fires, in order. */
  pages(cluster: string, alert: string): readonly Page[] {
    return this.notifications(cluster, 'on-call').flatMap(({ groupLabels, alerts }) => {
      const firing = alerts.filter(({ status, labels }) => status === 'firing' && labels['alertname'] === alert)
      return firing.length === 0 ? [] : [{ groupLabels, firing }]
    })
  }

  /** The alerts of a cluster that Alertmanager holds, by name. */
  async held(cluster: string, alert: string): Promise<readonly HeldAlert[]> {
    const matchers = new URLSearchParams()
    for (const matcher of [`cluster="${cluster}"`, `alertname="${alert}"`]) matchers.append('filter', matcher)
    const answer = await this.#ask(`alerts?${String(matchers)}`)
    return (await answer.json()) as HeldAlert[]
  }

  /** Gives alerts to Alertmanager as Prometheus does. */
  async post(alerts: readonly Labels[]): Promise<void> {
    const body = JSON.stringify(alerts.map((labels) => ({ labels })))
    const headers = { 'content-type': 'application/json' }
    const answer = await this.#ask('alerts', { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(await answer.text())
  }

  /** The groups of all alerts. */
  async groups(): Promise<readonly HeldGroup[]> {
    const answer = await this.#ask('alerts/groups')
    return (await answer.json()) as HeldGroup[]
  }

  #ask(path: string, request?: RequestInit): Promise<Response> {
    this.#alertmanager.assertRuns()
    return fetch(`http://${this.#alertmanager.said}/api/v2/${path}`, request)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#all.disposeAsync()
  }
}

/** Starts Prometheus or Alertmanager at a free port. */
function startServer(program: string, args: readonly string[]): Promise<Program> {
  const said = /msg="Listening on".* address=(\S+)/
  return Program.start({ program, args: [...args, '--web.listen-address=127.0.0.1:0'], said })
}
