import { workload } from '../../alerts/labels.ts'
import { since } from '../../alerts/problems.ts'
import type { DiagnosisCode } from '../../src/diagnosis/codes.ts'
import type { SourceName } from '../../src/ledger/sight/observations.ts'

/** Label matchers for what is chosen above the dashboard. */
export const inCluster = 'cluster=~"$cluster"'
export const inDomain = `${inCluster}, trust_domain=~"$trust_domain"`
export const inNamespace = `${inCluster}, namespace=~"$namespace"`
export const inDomainAndNamespace = `${inDomain}, namespace=~"$namespace"`

/** A matcher for SVIDs whose renewal is due and that have not expired. */
export const overdue = 'left=~"overdue_.*"'

const issuer = 'cluster, trust_domain, issuer'

/** Selects the problems with these codes that are not muted. `where` is a list of further matchers. */
export const problems = (codes: readonly DiagnosisCode[], where: string): string =>
  problemsAndMuted(codes, `muted="", ${where}`)

/** Selects the problems with these codes, whether they are muted or not. */
export const problemsAndMuted = (codes: readonly DiagnosisCode[], where: string): string =>
  `${since}{${codes.length === 1 ? `code="${codes[0]}"` : `code=~"${codes.join('|')}"`}, ${where}}`

/** Two svidwatch may tell of the same problem; it counts once. */
export const countOf = (selected: string, by: string): string => `count(max by (${by}) (${selected}))`

/** Selects the sources that see their systems. */
export const sees = (...sources: readonly SourceName[]): string =>
  `(svidwatch_source_up{source=~"${sources.join('|')}", ${inCluster}} == 1)`

/** Returns something wherever a svidwatch tells what is wrong. */
export const judges = `svidwatch_series_dropped{family="${since}", ${inCluster}}`

/** SVIDs are seen in requests, or in configured files where there is no Kubernetes. */
export const seesSvids = sees('certificateRequests', 'files')

/** Certificate files are seen on nodes, or as configured. */
export const seesFiles = sees('nodeFindings', 'mountedSvids', 'files')

/** The single value, or 0 if there is none although the witness returns something. Without a witness, the value is not known. */
export const orZero = (expr: string, witness: string): string => `${expr} or 0 * group(${witness})`

/** The label of the series that says that all is well. */
export const note = 'note'

/** The rows of a table, or one row that says that all is well if there is none although the witness returns something. */
export const orNote = (expr: string, text: string, witness: string): string =>
  `${expr} or on () label_replace(NaN * group(${witness}), "${note}", "${text}", "", "")`

/** The series that are the greatest at the end of the time range. Without the end, each step would choose others. */
export const greatestAtEnd = (count: 10 | 20, expr: string): string => `(${expr}) and topk(${count}, ${atEnd(expr)})`
export const smallestAtEnd = (count: 10 | 20, expr: string): string => `(${expr}) and bottomk(${count}, ${atEnd(expr)})`

/** The expression as of the end of the time range. */
const atEnd = (expr: string): string => expr.replaceAll(/\{[^{}]*\}(?:\[[^[\]]*\])?/g, '$& @ end()')

/** The number of SVIDs in use, that is, of one copy of each. `where` is a further matcher; '' for `by` is the sum of all. */
export const svidsInUse = (where = '', by = ''): string =>
  `sum${by && ` by (${by})`} (max by (cluster, trust_domain, namespace, copy, left) (spiffe_svids_in_use{${joined(where, inDomainAndNamespace)}}))`

/** The number of workloads by the labels `by`. `where` is a further matcher. */
export const workloads = (by: string, where = ''): string =>
  `sum by (${by}) (max by (cluster, namespace, state) (spiffe_workloads{${joined(where, inNamespace)}}))`

/** The states of workloads that ask for an SVID. */
export const asking = 'state=~"valid|pending|expired"'

/** The share of workloads whose SVIDs are all valid, of those that ask for an SVID. */
export const shareValid = (by: string): string => `${workloads(by, 'state="valid"')} / (${workloads(by, asking)} > 0)`

/** The number of requests that exist now, by the labels `by`. `where` is a further matcher. */
export const requestsNow = (by: string, where: string, chosen = inNamespace): string =>
  `sum by (${by}) (max by (cluster, namespace, issuer, state, reason) (spiffe_certificate_requests{${joined(where, chosen)}}))`

/**
 * The rate or increase of a counter of issuance; '' for `by` is the sum of all. If two processes export the same counter, only
 * one of them counts.
 */
export const counterGain = (gain: 'rate' | 'increase', counter: string, range: string, by = ''): string =>
  `sum${by && ` by (${by})`} (max by (${issuer}, method, reason) (${gain}(${counter}{${inDomain}}[${range}])))`

export const issued = 'spire_attestation_success_total'
export const refused = 'spire_attestation_failure_total'

/**
 * The share of requests that were issued, of all that were answered; no value if none was. Issuers that have issued nothing yet
 * share the label `(none named)`.
 */
export const successRatio = (range: string, by = ''): string => {
  const issuedCount = counterGain('increase', issued, range, by)
  const refusedCount = counterGain('increase', refused, range, by)
  const good = `(${issuedCount} or ${refusedCount} * 0)`
  const bad = `(${refusedCount} or ${issuedCount} * 0)`
  const ratio = `${good} / (${good} + ${bad}) >= 0`
  return by.includes('issuer') ? `label_replace(${ratio}, "issuer", "(none named)", "issuer", "")` : `(${ratio})`
}

/**
 * The quantile `share` (0 to 1) of a histogram of issuance durations, at least 1 s: Kubernetes gives times in whole seconds, so
 * less than that says nothing.
 */
export const quantile = (share: number, histogram: string): string =>
  `clamp_min(histogram_quantile(${share}, sum by (le) (max by (${issuer}, le) (rate(${histogram}_bucket{${inDomain}}[$__rate_interval])))), 1)`

/** A workload as people name it: by its pod, or by its file where there is no Kubernetes. */
export const named = (expr: string): string => `label_join(${expr}, "workload", "", "pod", "file")`

/**
 * The seconds until the SVID expires, for the workloads that expire first, of those whose missed renewal `where` selects. In an outage
 * there may be tens of thousands, so each step leaves as few as possible to the next.
 */
export const firstToExpire = (count: 20 | 50, where: string): string => {
  const copy = `${workload}, copy`
  // Two svidwatch may tell of each.
  const few = 2 * count
  const missed = problems(['renewal_missed'], where)
  const expired = `bottomk(${few}, ${problems(['expired'], where)})`
  // Containers that have an older mount than their node have another SVID than the mounted one.
  const detached = problemsAndMuted(['mount_detached'], where)
  const notAfter = `spiffe_svid_not_after_timestamp_seconds{${where}}`
  const known = `bottomk(${few}, ${notAfter} and on (${copy}) ${missed} unless on (${copy}) ${detached})`
  // The series with the expiry may have been left out because there are too many.
  const unknown = `bottomk(${few}, ${missed} unless on (${copy}) ${notAfter} or ${missed} and on (${copy}) ${detached}) + Inf`
  return `bottomk(${count}, max by (${workload}) (${expired} or ${known} or ${unknown}) - time())`
}

/** The alerts of the shipped rules that fire. It is read as of now only: in an outage, there may be many. */
export const firing = (severity: string): string =>
  `ALERTS{alertstate="firing", severity=~"${severity}", alertname=~"${shipped}", ${inCluster}}`

const shipped = 'SVID.+|SPIRE.+|SPIFFE.+|TrustBundle.+|Federation.+|Svidwatch.+'

/** The alert that always fires where the rules are loaded. */
export const rulesLoaded = 'ALERTS{alertname="SvidwatchAlive"}'

/** Joins label matchers and leaves out empty ones. */
function joined(...matchers: readonly string[]): string {
  return matchers.filter((matcher) => matcher !== '').join(', ')
}
