import { place, workload } from '../../alerts/labels.ts'

/** Selects the clusters, trust domains and namespaces that are chosen above the dashboard. */
export const inCluster = 'cluster=~"$cluster"'
export const inDomain = `${inCluster}, trust_domain=~"$trust_domain"`
export const inNamespace = `${inCluster}, namespace=~"$namespace"`
export const inBoth = `${inDomain}, namespace=~"$namespace"`

/** The parts of a lifetime in which a renewal is due: all of them, and those after the first quarter of the time from then to the expiry. */
export const overdue = 'left=~"overdue_.*"'
export const missed = 'left=~"overdue_(50-75|25-50|0-25)"'
export const expired = 'left="expired"'

const issuer = 'cluster, trust_domain, issuer'

/** How many SVIDs are in use, one for each workload; `where` narrows them down. */
export const svids = (where = '', by = ''): string =>
  `sum${by && ` by (${by})`} (max by (cluster, trust_domain, namespace, copy, left) (spiffe_svids_in_use{${list(where, inBoth)}}))`

/** How many pods are in the states. */
export const pods = (by: string, where = ''): string =>
  `sum by (${by}) (max by (cluster, namespace, state) (spiffe_workloads{${list(where, inNamespace)}}))`

/** How many requests exist. */
export const requests = (by: string, where: string): string =>
  `sum by (${by}) (max by (cluster, namespace, issuer, state, reason) (spiffe_certificate_requests{${list(where, inNamespace)}}))`

/** What a counter of issuance has gained; `by` is '' for the sum of all. Of two exporters that count the same, one counts. */
export const gained = (gain: 'rate' | 'increase', counter: string, range: string, by = ''): string =>
  `sum${by && ` by (${by})`} (max by (${issuer}, method, reason) (${gain}(${counter}{${inDomain}}[${range}])))`

export const issued = 'spire_attestation_success_total'
export const refused = 'spire_attestation_failure_total'

/** The share of requests that ended well, where any did end. Requests of issuers that have issued nothing yet name none. */
export const successRatio = (range: string, by = ''): string => {
  const issuedOnes = gained('increase', issued, range, by)
  const refusedOnes = gained('increase', refused, range, by)
  const good = `(${issuedOnes} or ${refusedOnes} * 0)`
  const bad = `(${refusedOnes} or ${issuedOnes} * 0)`
  const ratio = `${good} / (${good} + ${bad}) >= 0`
  return by.includes('issuer') ? `label_replace(${ratio}, "issuer", "(none named)", "issuer", "")` : `(${ratio})`
}

/** A quantile of a duration of issuance. */
export const quantile = (share: number, histogram: string): string =>
  `histogram_quantile(${share}, sum by (le) (max by (${issuer}, le) (rate(${histogram}_bucket{${inDomain}}[$__rate_interval]))))`

/**
 * A value of each workload whose renewal is due: of the mounted copy where it is known, and of the issued one elsewhere. The
 * rules have recorded which copies these are, so that a large fleet costs no more than a small one.
 */
const ofOverdue = (value: (copies: string) => string): string => {
  const of = (copy: string) => `max by (${workload}) (${value(`{copy="${copy}", ${inBoth}}`)})`
  const known = `${recorded}:observed_timestamp_seconds{copy="mounted"}`
  return `(${of('mounted')} or on (${place}) (${of('issued')} unless on (${place}) ${known}))`
}

const recorded = 'spiffe:svid_overdue'
const secondsLeft = (copies: string): string => `${recorded}:not_after_timestamp_seconds${copies} - time()`

/** The share that is left of the time from when the renewal was due to the expiry. */
export const safeTimeLeft = ofOverdue(
  (copies) =>
    `(${secondsLeft(copies)}) / (${recorded}:not_after_timestamp_seconds${copies} - ${recorded}:renewal_due_timestamp_seconds${copies})`,
)

export const overdueTimeLeft = ofOverdue(secondsLeft)

/** The alerts of the shipped rules that are firing; the one that always does is not among them. */
export const firing = (severity: string, alerts = shipped): string =>
  `ALERTS{alertstate="firing", severity=~"${severity}", alertname=~"${alerts}", ${inCluster}}`

const shipped = 'SVID.+|SPIRE.+|SPIFFE.+|TrustBundle.+|Federation.+|Svidwatch.+'

/** An expression that is 0 where it would be nothing. */
export const orZero = (expr: string): string => `${expr} or vector(0)`

function list(...matchers: readonly string[]): string {
  return matchers.filter((matcher) => matcher !== '').join(', ')
}
