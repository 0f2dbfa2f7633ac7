import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manifestsIn, type Manifest } from '../../../support/manifests.ts'
import { deleteServiceAccount } from '../../support/access.ts'
import { kubectl, sh } from '../../support/shell.ts'
import { samplesIn, type Sample } from '../../support/svidwatch.ts'

/** The folder of the chart. */
export const chart = new URL('../../../../charts/svidwatch', import.meta.url).pathname

/** The image of svidwatch on the node, with its tag; empty where the tests of the installation cannot run. */
export const image = process.env['SVIDWATCH_TEST_SVIDWATCH_IMAGE'] ?? ''

export type Values = Readonly<Record<string, unknown>>

/** The role that a pod of the release has. */
export type InstalledRole = 'cluster' | 'node'

export interface InstalledPod {
  readonly namespace: string
  readonly name: string
  readonly ip: string
}

/** The release `svidwatch`, installed with helm in the namespace of the same name. */
export class Release {
  readonly namespace = 'svidwatch'

  /** The settings of the image, and nothing else. */
  static imageValues(of = image): Values {
    const [, repository = '', tag = ''] = /^(.+):([^:/]+)$/.exec(of) ?? []
    return { image: { repository, tag } }
  }

  static async install(values: Values = {}): Promise<Release> {
    const release = new Release()
    await release.#apply('install', values, ['--create-namespace'])
    return release
  }

  async upgrade(values: Values): Promise<void> {
    await this.#apply('upgrade', values)
  }

  /** Changes values without waiting for pods, which may never become Ready with them. */
  async change(values: Values): Promise<void> {
    await this.#apply('upgrade', values, [], false)
  }

  /** Runs the tests of the chart, and returns what helm says of them. */
  async test(): Promise<string> {
    return sh('helm', 'test', 'svidwatch', '-n', this.namespace, '--timeout', '120s')
  }

  async uninstall(): Promise<void> {
    await sh('helm', 'uninstall', 'svidwatch', '-n', this.namespace, '--wait', '--timeout', '120s')
  }

  /** Deletes what is left of a release, and of the other tests on a cluster, and the namespaces. */
  static async remove(): Promise<void> {
    await sh('helm', 'uninstall', 'svidwatch', '-n', 'svidwatch', '--ignore-not-found', '--wait', '--timeout', '120s')
    await deleteServiceAccount()
  }

  /** The objects that the chart made, without those of its hooks. */
  async objects<T extends Manifest = Manifest>(): Promise<readonly T[]> {
    return manifestsIn(await sh('helm', 'get', 'manifest', 'svidwatch', '-n', this.namespace)) as readonly T[]
  }

  /** Returns the pods of a role that run and are not ending. */
  async pods(role: InstalledRole): Promise<readonly InstalledPod[]> {
    const namespace = role === 'cluster' ? this.namespace : `${this.namespace}-node`
    const ofRole = `app.kubernetes.io/instance=svidwatch,app.kubernetes.io/component=${role}`
    const chosen = ['-l', ofRole, '--field-selector=status.phase=Running']
    const list = await kubectl('-n', namespace, 'get', 'pods', ...chosen, '-o', 'json')
    return (JSON.parse(list) as PodList).items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata, status }) => ({ namespace, name: metadata.name, ip: status.podIP ?? '' }))
  }

  /** Returns the only pod of a role. */
  async pod(role: InstalledRole): Promise<InstalledPod> {
    const [first, ...others] = await this.pods(role)
    if (first === undefined || others.length > 0) throw new Error(`not one pod of the ${role} role`)
    return first
  }

  /** Asks the only pod of a role, through the API server, which reaches it from anywhere. */
  async ask(role: InstalledRole, path: string): Promise<string> {
    const { namespace, name } = await this.pod(role)
    return kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}:9797/proxy${path}`)
  }

  /** Returns the samples of a metric of a role. */
  async samples(role: InstalledRole, metric: string): Promise<readonly Sample[]> {
    return samplesIn(await this.ask(role, '/metrics'), metric)
  }

  /** Returns the lines that a role has logged since it started. */
  async logOf(role: InstalledRole): Promise<readonly string[]> {
    const { namespace, name } = await this.pod(role)
    return (await kubectl('-n', namespace, 'logs', name)).trim().split('\n')
  }

  async #apply(
    verb: 'install' | 'upgrade',
    values: Values,
    options: readonly string[] = [],
    waits = true,
  ): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'svidwatch-values-'))
    const file = join(folder, 'values.json')
    await writeFile(file, JSON.stringify({ ...Release.imageValues(), ...values }))
    const waiting = waits ? ['--wait', '--timeout', '120s'] : []
    await sh('helm', verb, 'svidwatch', chart, '-n', this.namespace, '-f', file, ...waiting, ...options)
    await rm(folder, { recursive: true })
    if (!waits) return
    // helm takes a DaemonSet for ready while as many of its pods are down as may be at once during an update.
    const daemonSets = ['rollout', 'status', 'daemonset', '-l', 'app.kubernetes.io/instance=svidwatch']
    await kubectl('-n', `${this.namespace}-node`, ...daemonSets, '--timeout=120s')
  }
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
    readonly status: { readonly podIP?: string }
  }[]
}
