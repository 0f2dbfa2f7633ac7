import { diagnosisCodes, type DiagnosisCode } from '../../src/diagnosis/codes.ts'
import type { MetricName } from '../../src/metrics/catalogue.ts'
import type { Firing, Sample, Series } from './scenario.ts'

export const minute = 60
export const hour = 60 * minute
export const day = 24 * hour

/** A certificate, with when its renewal is due. */
export interface Svid {
  readonly notBefore: number
  readonly due: number
  readonly notAfter: number
}

/** An SVID of some lifetime, of which at `at` so much of the time from renewal due to expiry has passed; in whole seconds. */
export function svid(lifetime: number, share: number, at: number): Svid {
  const due = Math.round(at - (share * lifetime) / 3)
  return { notBefore: due - (lifetime * 2) / 3, due, notAfter: due + lifetime / 3 }
}

/** The SVID that follows another, made at some time. */
export const renewed = ({ notBefore, notAfter }: Svid, at: number): Svid => svid(notAfter - notBefore, -2, at)

export type Workload = Readonly<
  Record<'cluster' | 'spiffe_id' | 'trust_domain' | 'namespace' | 'pod' | 'volume' | 'node' | 'issuer' | 'file', string>
>

export const issuer = 'ClusterIssuer/spiffe-ca'

export function workload(labels: Partial<Workload> = {}): Workload {
  return {
    cluster: '',
    spiffe_id: 'spiffe://example.org/ns/team-a/sa/web',
    trust_domain: 'example.org',
    namespace: 'team-a',
    pod: 'web-1',
    volume: 'spiffe',
    node: 'node-1',
    issuer,
    file: '',
    ...labels,
  }
}

/** A value of each label that differs from that of `workload`. */
export const otherLabels: Readonly<Record<keyof Workload, string>> = {
  cluster: 'west',
  spiffe_id: 'spiffe://example.org/ns/team-a/sa/other',
  trust_domain: 'other.example',
  namespace: 'team-b',
  pod: 'web-2',
  volume: 'other',
  node: 'node-2',
  issuer: 'ClusterIssuer/other',
  file: '/run/other.pem',
}

/** Returns these labels with their values, without some of them. */
export const otherLabelsBut = (...without: readonly (keyof Workload)[]): readonly (readonly [string, string])[] =>
  Object.entries(otherLabels).filter(([label]) => !(without as readonly string[]).includes(label))

/** What happens to a scrape: `down` is a target that does not answer, `paused` a Prometheus that does not ask. */
type Scrape = 'up' | 'down' | 'paused'

interface ExporterOptions {
  readonly instance?: string
  readonly job?: string
  readonly cluster?: string
  readonly roles?: string
  /** By how much its clock differs from Prometheus's. */
  readonly ahead?: number
  readonly scrapes?: (t: number) => Scrape
  /** When its process began, by its clock; an hour before the first scrape, where it is left out. */
  readonly began?: (t: number) => number
  /** From when to when it does not see its systems. */
  readonly blind?: readonly [from: number, to: number] | undefined
  /** The one that it does not see then; all of them, where it is left out. */
  readonly blindTo?: string
  /** The namespace whose problems wake nobody. */
  readonly mutedNamespace?: string
}

/** The last moment before `t` of those that come every so many seconds, `phase` seconds late. */
const lastOf = (seconds: number, phase: number, t: number): number =>
  phase + (Math.ceil((t - phase) / seconds) - 1) * seconds

/** Two svidwatch that differ in one label of their targets alone. */
export const pairs = (['cluster', 'job', 'instance'] as const).map((label) => {
  const one = { cluster: 'east', job: 'svidwatch', instance: 'a:9797' }
  return { label, one, other: { ...one, [label]: 'other' } }
})

/** How often the API server sends a bookmark, and a node role a heartbeat. */
const bookmarks = 60
const heartbeats = 5
/** By how much bookmarks are late against whole minutes. */
const bookmarkPhase = 7

/** One svidwatch that is scraped. */
export class Exporter {
  readonly #options: ExporterOptions

  constructor(options: ExporterOptions = {}) {
    this.#options = options
  }

  /** Its own clock. */
  readonly now = (t: number): number => t + (this.#options.ahead ?? 0)

  /** When the last heartbeat of the node roles came, by the clock of this svidwatch. */
  readonly heard = (t: number): number => this.now(lastOf(heartbeats, 0, this.#sighted(t)))

  /** When the last bookmark of the API server came, by the clock of this svidwatch. */
  readonly contact = (t: number): number => this.now(lastOf(bookmarks, bookmarkPhase, this.#sighted(t)))

  series(name: MetricName, labels: Readonly<Record<string, string>>, at: number | ((t: number) => Sample)): Series {
    const { instance = 'svidwatch:9797', job = 'svidwatch', cluster = '' } = this.#options
    return {
      name,
      labels: { cluster, job, instance, ...labels },
      at: this.#scraped(typeof at === 'number' ? () => at : at),
    }
  }

  /** A problem that it exports as long as there is a sample. */
  problem(code: DiagnosisCode, labels: Readonly<Record<string, string>>, at: (t: number) => Sample): Series {
    const { severity } = diagnosisCodes[code]
    return this.series('spiffe_problem_since_timestamp_seconds', { severity, ...labels, code }, at)
  }

  /** What it tells of itself, where all is well but for the blindness. */
  self(): readonly Series[] {
    const { instance = 'svidwatch:9797', job = 'svidwatch', cluster = '', roles = 'cluster' } = this.#options
    const { scrapes = () => 'up', began = () => -hour, blindTo, mutedNamespace } = this.#options
    const target = { cluster, job, instance }
    const upAt = (t: number) => (scrapes(t) === 'paused' ? undefined : Number(scrapes(t) === 'up'))
    const isBlindTo = (source: string) => blindTo === undefined || blindTo === source
    const seeing = new Exporter({ ...this.#options, blind: undefined })
    const evidence = ({ contact, heard }: Exporter) => (roles === 'standalone' ? heard : contact)
    const sources = roles === 'standalone' ? ['files'] : ['certificateRequests', 'pods']
    return [
      { name: 'up', labels: { cluster, job, instance }, at: upAt },
      this.series('svidwatch_build_info', { roles, version: '0.1.0' }, 1),
      this.series('process_start_time_seconds', {}, began),
      {
        ...this.series('svidwatch_time_seconds', {}, this.now),
        svidwatch: { target, now: this.now, requestsKnown: this.#requestsKnown, mutedNamespace, scrapeAt: scrapes },
      },
      ...sources.flatMap((source) => {
        const sees = isBlindTo(source) ? this : seeing
        return [
          this.series('svidwatch_source_up', { source }, (t) => Number(sees.#sighted(t) === t)),
          this.series('svidwatch_source_last_contact_timestamp_seconds', { source }, evidence(sees)),
        ]
      }),
    ]
  }

  /** A copy of a workload's SVID; one that is not there has no series. `seen` is when evidence of it last came, by the exporter's clock. */
  copy(
    copy: 'issued' | 'mounted',
    of: Workload,
    at: Life,
    seen: (t: number) => number = copy === 'mounted' ? this.heard : this.contact,
  ): readonly Series[] {
    const labels = { ...of, copy }
    const life = typeof at === 'function' ? at : () => at
    const told = (name: MetricName, value: (svid: Svid, t: number) => number) =>
      this.series(name, labels, (t) => {
        const known = life(t)
        return known ? value(known, t) : 'stale'
      })
    return [
      told('spiffe_svid_renewal_due_timestamp_seconds', ({ due }) => due),
      told('spiffe_svid_not_after_timestamp_seconds', ({ notAfter }) => notAfter),
      told('spiffe_svid_not_before_timestamp_seconds', ({ notBefore }) => notBefore),
      told('spiffe_svid_last_observed_timestamp_seconds', (_, t) => seen(t)),
    ]
  }

  /** Until when it knows the CertificateRequests, by its clock; undefined if it does not watch them. */
  readonly #requestsKnown = (t: number): number | undefined => {
    const { roles = 'cluster', blindTo = 'certificateRequests' } = this.#options
    if (roles === 'standalone') return undefined
    return this.now(blindTo === 'certificateRequests' ? this.#sighted(t) : t)
  }

  /** The time, or when it went blind if it is blind then. */
  #sighted(t: number): number {
    const [from, to] = this.#options.blind ?? [Infinity, Infinity]
    return t < from || t >= to ? t : from
  }

  #scraped(at: (t: number) => Sample): (t: number) => Sample {
    const { scrapes = () => 'up' } = this.#options
    return (t) => (scrapes(t) === 'up' ? at(t) : scrapes(t) === 'down' ? 'stale' : undefined)
  }
}

/** Which SVID there is at each time. */
export type Life = Svid | ((t: number) => Svid | undefined)

/** The first until a time, then the second. */
export const swap =
  <One, Other>(one: One, at: number, other: Other) =>
  (t: number): One | Other =>
    t < at ? one : other

const workloadAlert =
  (alert: string) =>
  (of: Workload): Firing => ({ alert, severity: 'critical', labels: { ...of } })

export const soon = workloadAlert('SVIDExpiringSoon')
export const expired = workloadAlert('SVIDExpired')
export const down = (labels: Readonly<Record<string, string>> = {}): Firing => ({
  alert: 'SVIDIssuanceDown',
  severity: 'critical',
  labels: { issuer, ...labels },
})
export const warning = (alert: string, labels: Readonly<Record<string, string>> = {}): Firing => ({
  alert,
  severity: 'warning',
  labels,
})
export const critical = (alert: string, labels: Readonly<Record<string, string>> = {}): Firing => ({
  alert,
  severity: 'critical',
  labels,
})
