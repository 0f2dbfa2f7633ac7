import { place, workload } from '../../alerts/labels.ts'

/** Label matchers for the clusters, trust domains and namespaces that are chosen above the dashboard. */
export const inCluster = 'cluster=~"$cluster"'
export const inDomain = `${inCluster}, trust_domain=~"$trust_domain"`
export const inNamespace = `${inCluster}, namespace=~"$namespace"`
export const inDomainAndNamespace = `${inDomain}, namespace=~"$namespace"`

/** A matcher for SVIDs whose renewal is due and that have not expired. */
export const overdue = 'left=~"overdue_.*"'

/** A matcher for those of them whose renewal was missed: a quarter of the time from then to the expiry has passed. */
export const missed = 'left=~"overdue_(50-75|25-50|0-25)"'
export const expired = 'left="expired"'

const issuer = 'cluster, trust_domain, issuer'

/** The number of SVIDs in use, that is, of one copy of each. `where` is a further matcher; '' for `by` is the sum of all. */
export const svidsInUse = (where = '', by = ''): string =>
  `sum${by && ` by (${by})`} (max by (cluster, trust_domain, namespace, copy, left) (spiffe_svids_in_use{${joined(where, inDomainAndNamespace)}}))`

/** The number of workloads by the labels `by`. `where` is a further matcher. */
export const workloads = (by: string, where = ''): string =>
  `sum by (${by}) (max by (cluster, namespace, state) (spiffe_workloads{${joined(where, inNamespace)}}))`

/** The number of requests that exist now, by the labels `by`. `where` is a further matcher. */
export const requestsNow = (by: string, where: string): string =>
  `sum by (${by}) (max by (cluster, namespace, issuer, state, reason) (spiffe_certificate_requests{${joined(where, inNamespace)}}))`

/**
 * The rate or increase of a counter of issuance; '' for `by` is the sum of all. If two processes export the same counter, only
 * one of them counts.
 */
export const counterGain = (gain: 'rate' | 'increase', counter: string, range: string, by = ''): string =>
  `sum${by && ` by (${by})`} (max by (${issuer}, method, reason) (${gain}(${counter}{${inDomain}}[${range}])))`

export const issued = 'spire_attestation_success_total'
export const refused = 'spire_attestation_failure_total'

/**
 * The share of requests that were issued, of all that ended; no value if none did. Issuers that have issued nothing yet share
 * the label `(none named)`.
 */
export const successRatio = (range: string, by = ''): string => {
  const issuedCount = counterGain('increase', issued, range, by)
  const refusedCount = counterGain('increase', refused, range, by)
  const good = `(${issuedCount} or ${refusedCount} * 0)`
  const bad = `(${refusedCount} or ${issuedCount} * 0)`
  const ratio = `${good} / (${good} + ${bad}) >= 0`
  return by.includes('issuer') ? `label_replace(${ratio}, "issuer", "(none named)", "issuer", "")` : `(${ratio})`
}

/** The quantile `share` (0 to 1) of a histogram of issuance durations. */
export const quantile = (share: number, histogram: string): string =>
  `histogram_quantile(${share}, sum by (le) (max by (${issuer}, le) (rate(${histogram}_bucket{${inDomain}}[$__rate_interval]))))`

const due = 'spiffe_svid_renewal_due_timestamp_seconds'
const notAfter = 'spiffe_svid_not_after_timestamp_seconds'

/** The value for each workload whose renewal is due: that of the mounted copy if it is known, else that of the issued copy. */
const valueOfOverdue = (value: (copies: string) => string): string => {
  const valueOf = (copy: string) => {
    const copies = `{copy="${copy}", ${inDomainAndNamespace}}`
    return `max by (${workload}) (${value(copies)} and ${due}${copies} < time())`
  }
  return `(${valueOf('mounted')} or on (${place}) (${valueOf('issued')} unless on (${place}) ${due}{copy="mounted"}))`
}

/** The share that is left of the safe time, which runs from the due renewal to the expiry. */
export const safeTimeLeft = valueOfOverdue(
  (copies) => `(${notAfter}${copies} - time()) / (${notAfter}${copies} - ${due}${copies})`,
)

/** The seconds until the expiry of each SVID whose renewal is due. */
export const overdueTimeLeft = valueOfOverdue((copies) => `${notAfter}${copies} - time()`)

/**
 * The firing alerts of the shipped rules. `severity` and `alerts` are regular expressions; a severity other than `none` excludes
 * the alert that always fires.
 */
export const firing = (severity: string, alerts = shipped): string =>
  `ALERTS{alertstate="firing", severity=~"${severity}", alertname=~"${alerts}", ${inCluster}}`

const shipped = 'SVID.+|SPIRE.+|SPIFFE.+|TrustBundle.+|Federation.+|Svidwatch.+'

/** The expression, or 0 if it returns nothing. */
export const orZero = (expr: string): string => `${expr} or vector(0)`

/** Joins label matchers and leaves out empty ones. */
function joined(...matchers: readonly string[]): string {
  return matchers.filter((matcher) => matcher !== '').join(', ')
}
