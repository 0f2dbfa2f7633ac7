import type { Scenario, Series } from '../scenario.ts'
import { Exporter, hour, issuer, svid, type Svid, type Workload } from '../world.ts'

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

/** Both copies of a workload; the request of what was issued is gone since its renewal was due. */
export const copies = (of: Workload, at: Svid, by = new Exporter()): readonly Series[] => [
  ...by.copy('mounted', of, at),
  ...by.copy('issued', of, at, () => at.due),
]

export const scenario = (name: string, series: readonly Series[], ...moments: Scenario['moments']): Scenario => ({
  name,
  series,
  moments,
})
