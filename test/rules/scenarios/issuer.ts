import type { Firing, Scenario, Series } from '../scenario.ts'
import { Exporter, hour, issuer, soon, svid, type Life, type Svid, type Workload } from '../world.ts'

/** Three SVIDs whose renewals are missed one after the other, and when their issuer stopped. */
export const first = svid(hour, 0.27, 607)
export const second = svid(hour, 0.27, 637)
export const third = svid(hour, 0.27, 667)
export const outage = first.due - 60

/** What a svidwatch tells of an issuer. */
export const told = (labels: Readonly<Record<string, string>> = {}, by = new Exporter()) => ({
  /** The oldest request that waits. */
  waits: (at: number | ((t: number) => number | 'stale'), reason = 'awaiting_issuer'): Series =>
    by.series(
      'spiffe_certificate_request_oldest_waiting_timestamp_seconds',
      { namespace: 'team-a', issuer, state: 'approved', reason, ...labels },
      at,
    ),
  issuedLast: (at: number | ((t: number) => number)): Series =>
    by.series('spiffe_issuer_last_issued_timestamp_seconds', { trust_domain: 'example.org', issuer, ...labels }, at),
  failures: (at: (t: number) => number): Series =>
    by.series(
      'spire_attestation_failure_total',
      { trust_domain: 'example.org', issuer, method: 'cert-manager', reason: 'failed_signing', ...labels },
      at,
    ),
})

/** The workload and another one: as many as an outage of their issuer takes. */
export const pair = (of: Workload): readonly Workload[] => [of, { ...of, pod: `${of.pod}-b` }]

export const bothSoon = (of: Workload): readonly Firing[] => pair(of).map(soon)

/** What is mounted by both. */
export const mounted = (of: Workload, at: Life, by = new Exporter(), seen = by.heard): readonly Series[] =>
  pair(of).flatMap((one) => by.copy('mounted', one, at, seen))

/** What was issued for both. */
export const issued = (of: Workload, at: Life, seen: (t: number) => number): readonly Series[] =>
  pair(of).flatMap((one) => new Exporter().copy('issued', one, at, seen))

export const staleMounts = (of: Workload): readonly Series[] =>
  pair(of).map((one) => new Exporter().series('spiffe_svid_drift', { ...one, cause: 'mount_stale' }, 1))

/** Both copies of a single workload; the request of what was issued is gone since its renewal was due. */
export const copiesOfOne = (of: Workload, at: Svid, by = new Exporter()): readonly Series[] => [
  ...by.copy('mounted', of, at),
  ...by.copy('issued', of, at, () => at.due),
]

/** Those of a pair. */
export const copies = (of: Workload, at: Svid, by = new Exporter()): readonly Series[] =>
  pair(of).flatMap((one) => copiesOfOne(one, at, by))

export const scenario = (name: string, series: readonly Series[], ...moments: Scenario['moments']): Scenario => ({
  name,
  series,
  moments,
})
