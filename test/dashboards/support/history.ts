import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../../cluster/support/shell.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { Program } from '../../notifications/support/program.ts'
import { Fleet, type Member } from './fleet.ts'

const minuteMs = 60_000

/** What happens in the history, in minutes from its start. SVIDs live for an hour, and are scraped once a minute. */
export const course = {
  /** The issuer of most SVIDs in the cluster `east` does not answer. */
  outage: [60, 150],
  /** The bundle endpoint of `stale.example` fails. */
  silence: [60, 150],
  /** The servers of `changing.example` present SVIDs of a CA that the fetched bundle does not have. */
  change: [100, 160],
  /** The svidwatch of the cluster `west` does not see CertificateRequests. */
  blind: [100, 120],
  /** The svidwatch of the cluster `west` is gone. */
  gone: [200, 240],
  /** In the cluster `north`, the new CA signs, and one of two nodes does not have it. Before, it is on its way for 10 min. */
  untrusted: [60, 150],
  /** The old CA leaves all volumes of `north`. */
  removed: 190,
} as const

/** The key ids of the CAs of the cluster `north`. */
export const [oldCa, newCa] = ['0123456789abcdef', 'fedcba9876543210'] as const

/** The clusters in the history: `coast` probes servers of other trust domains, and nothing befalls its own workloads. `south` has copies that differ or are refused from its beginning, and nothing else befalls it. `north` rotates its CA in the wrong order. `crowd` has a thousand nodes and nothing else, in its first 15 minutes. */
export type Cluster = 'east' | 'west' | 'coast' | 'south' | 'north' | 'crowd'

const endMinute = course.gone[1]
const crowd = { nodes: 1000, minutes: 15 }

const member = (namespace: string, issuer: string, fate: Member['fate'] = 'renewed'): Member => ({
  namespace,
  issuer,
  fate,
})
const members: Readonly<Record<'east' | 'west' | 'coast' | 'south' | 'north', readonly Member[]>> = {
  east: [
    ...Array.from({ length: 8 }, () => member('shop', 'main-ca')),
    member('bank', 'main-ca', 'stuck'),
    member('bank', 'main-ca', 'denied'),
    { ...member('test', 'main-ca', 'stuck'), muted: true },
    member('mail', 'mail-ca'),
    member('mail', 'mail-ca', 'deadMount'),
  ],
  west: Array.from({ length: 4 }, () => member('shop', 'main-ca')),
  coast: [member('shop', 'main-ca')],
  south: [
    member('shop', 'main-ca', 'serves'),
    member('shop', 'main-ca', 'servesFirst'),
    member('mail', 'main-ca', 'detached'),
    member('mail', 'mail-ca', 'refused'),
    member('mail', 'mail-ca', 'refused'),
    member('bank', 'main-ca'),
  ],
  north: Array.from({ length: 6 }, () => member('shop', 'main-ca')),
}

export interface Answer {
  readonly metric: Readonly<Record<string, string>>
  /** The value at the time, or the values over the range. */
  readonly values: readonly number[]
}

/** A Prometheus that knows the history of these clusters. */
export class History implements AsyncDisposable {
  readonly #all: AsyncDisposableStack
  readonly #address: string
  readonly #startMs: number

  private constructor(all: AsyncDisposableStack, address: string, startMs: number) {
    this.#all = all
    this.#address = address
    this.#startMs = startMs
  }

  /** Lets the history happen, and starts a Prometheus that knows it. */
  static async start(): Promise<History> {
    await using starting = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'dashboards-'))
    starting.defer(() => rm(folder, { recursive: true }))
    const clock = new ManualClock()
    const startMs = clock.now()
    const [file, data, config] = ['samples', 'data', 'prometheus.yaml'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    await writeFile(file, `${(await happen(clock)).join('\n')}\n# EOF\n`)
    await promisify(execFile)('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, data])
    await writeFile(config, '')
    const prometheus = await Program.start({
      program: 'prometheus',
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        // The history is as old as it is.
        '--storage.tsdb.retention.time=100y',
        '--web.listen-address=127.0.0.1:0',
      ],
      said: /msg="Listening on".* address=(\S+)/,
    })
    starting.use(prometheus)
    await until('a Prometheus that answers', 60, async () => {
      const { ok } = await fetch(`http://${prometheus.said}/-/ready`)
      return ok || undefined
    })
    return new History(starting.move(), prometheus.said, startMs)
  }

  /** Asks as of a minute. */
  async at(minute: number, query: string): Promise<readonly Answer[]> {
    const { result } = await this.#ask('query', { query, time: String(this.#seconds(minute)) })
    return result.map(({ metric, value }) => ({ metric, values: value ? [Number(value[1])] : [] }))
  }

  /** Asks over a range of minutes. */
  async over(from: number, to: number, query: string): Promise<readonly Answer[]> {
    const range = { start: String(this.#seconds(from)), end: String(this.#seconds(to)), step: '60' }
    const { result } = await this.#ask('query_range', { query, ...range })
    return result.map(({ metric, values = [] }) => ({ metric, values: values.map(([, value]) => Number(value)) }))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#all.disposeAsync()
  }

  #seconds(minute: number): number {
    return (this.#startMs + minute * minuteMs) / 1000
  }

  async #ask(kind: 'query' | 'query_range', parameters: Readonly<Record<string, string>>): Promise<Result> {
    const address = `http://${this.#address}/api/v1/${kind}`
    const answer = await fetch(address, { method: 'POST', body: new URLSearchParams(parameters) })
    const { data, error } = (await answer.json()) as { data?: Result; error?: string }
    if (!data) throw new Error(`${error ?? answer.statusText}: ${parameters.query ?? ''}`)
    return data
  }
}

type Point = readonly [seconds: number, value: string]
interface Result {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>
    readonly value?: Point
    readonly values?: readonly Point[]
  }[]
}

const isIn = ([from, to]: readonly [number, number], minute: number): boolean => minute >= from && minute < to

function switchTo<Of>(set: Set<Of>, each: Of, isOn: boolean): void {
  if (isOn) set.add(each)
  else set.delete(each)
}

/** Returns the samples of the whole history, with their times. */
async function happen(clock: ManualClock): Promise<readonly string[]> {
  const partners = ['good.example', 'changing.example']
  const [east, west, coast, south, north] = [
    await Fleet.create(clock, members.east, { domains: ['good.example', 'stale.example', 'never.example'] }),
    await Fleet.create(clock, members.west),
    await Fleet.create(clock, members.coast, { domains: partners, serving: partners }),
    await Fleet.create(clock, members.south),
    await Fleet.create(clock, members.north, {}, oldCa),
  ]
  const [early, trusted] = course.untrusted
  const samples: string[] = []
  for (let minute = 0; minute <= endMinute; minute += 1) {
    switchTo(east.down, 'main-ca', isIn(course.outage, minute))
    switchTo(east.silent, 'stale.example', isIn(course.silence, minute))
    switchTo(coast.refused, 'changing.example', isIn(course.change, minute))
    switchTo(west.blindTo, 'certificateRequests', isIn(course.blind, minute))
    const seconds = clock.now() / 1000
    const add = (cluster: Cluster, lines: readonly string[], replica = 'a') => {
      for (const line of lines) samples.push(`${ofTarget(line, cluster, replica)} ${seconds}`)
    }
    if (minute === early - 10) north.distribute((index) => (index % 2 === 0 ? [oldCa, newCa] : [oldCa]))
    if (minute === early) north.signer = newCa
    if (minute === trusted) north.distribute(() => [oldCa, newCa])
    if (minute === course.removed) north.distribute(() => [newCa])
    east.goOn()
    west.goOn()
    coast.goOn()
    south.goOn()
    north.goOn()
    // Two svidwatch tell the same of this cluster.
    for (const replica of ['a', 'b']) add('east', await east.samples(), replica)
    if (!isIn(course.gone, minute)) add('west', await west.samples())
    // Two svidwatch probe the same servers.
    for (const replica of ['a', 'b']) add('coast', await coast.samples(), replica)
    add('south', await south.samples())
    add('north', await north.samples())
    if (minute <= crowd.minutes) add('crowd', crowded(minute))
    if (isIn(course.outage, minute - 15)) add('east', [alert('SVIDIssuanceDown', 'critical')])
    samples.push(`${alert('SvidwatchAlive', 'none')} ${seconds}`)
    await clock.advance(minuteMs)
  }
  return samples
}

const alert = (name: string, severity: string): string =>
  `ALERTS{alertname="${name}",alertstate="firing",severity="${severity}"} 1`

/** Adds the labels of the target. */
function ofTarget(line: string, cluster: Cluster, replica: string): string {
  const target = `cluster="${cluster}",job="svidwatch",instance="${replica}.${cluster}:9797"`
  return line.startsWith('ALERTS')
    ? line.replace('{', `{cluster="${cluster}",`)
    : line.replace(/^(\w+)(?:\{(.*)\})? (\S+)$/, (_, name: string, labels: string | undefined, value: string) => {
        return `${name}{${labels === undefined ? '' : `${labels},`}${target}} ${value}`
      })
}

/** Nodes whose order changes from minute to minute. */
function crowded(minute: number): readonly string[] {
  return Array.from({ length: crowd.nodes }, (_, node) => {
    const value = ((node + 1) * (minute + 1) * 7919) % 1009
    return `spire_agent_svid_count{node="node-${node}",agent="csi-driver-spiffe"} ${value}`
  })
}
