import * as z from 'zod'
import { maxNamespaces } from '../../namespaces.ts'
import { trustDomainPattern } from '../../identity/spiffeId.ts'
import { plainIssuerPattern } from '../../text/kubernetesNames.ts'
import { objectName, storedProblem } from '../stored.ts'
import { failureReasons, type FailureReason } from './reasons.ts'
import { durationNames, noTotals, type Histogram, type IssuerTotals, type TotalsSnapshot } from './totals.ts'
import { durationBuckets } from './view.ts'

/** The totals, and how far they count the CertificateRequests. */
export interface Checkpoint {
  readonly totals: TotalsSnapshot
  /** One position for the whole cluster, or one for each namespace that is watched alone. */
  readonly positions: readonly Position[]
}

/**
 * The resourceVersion up to which CertificateRequests are counted, and what is needed to continue from there without counting
 * anything twice.
 */
export interface Position {
  /** The namespace that is watched alone; undefined: the whole cluster. */
  readonly namespace?: string
  readonly resourceVersion: string
  /** Short forms (`shortUid`) of the requests that had not ended, and still have to be counted. */
  readonly open: readonly string[]
  /** The newest creationTimestamp seen, ms since the Unix epoch. */
  readonly newestCreatedMs: number
  readonly recent: RecentlySettled
}

/**
 * The newest requests that were settled, for when the API server no longer has the history since the checkpoint. Every request
 * that was created before `sinceMs` is settled or `open`. Of the requests that were created later, only those in `settled` are:
 * their short forms, by creationTimestamp. Times are ms since the Unix epoch.
 */
export interface RecentlySettled {
  readonly sinceMs: number
  readonly settled: readonly (readonly [createdMs: number, uids: readonly string[]])[]
}

/**
 * The most open requests of all positions together. 20,000 short uids take 0.3 MB of the 1 MiB of a ConfigMap. If there are more open
 * requests, the oldest are left out, and are not counted after a restart.
 */
export const maxOpen = 20_000

/** The most settled requests in `RecentlySettled`, of all positions together; they take less than 0.07 MB. */
export const maxRecent = 2_000

const shortLength = 15

/** Returns 60 of a uid's 122 random bits, in 15 characters: enough to tell 20,000 uids apart. */
export const shortUid = (uid: string): string => uid.replaceAll('-', '').slice(0, 12) + uid.slice(-3)

const count = z.int().nonnegative()
const name = z
  .string()
  .max(2048)
  .regex(/^[ -~]*$/)
const maxNamespaceLength = 63
const namespace = z
  .string()
  .max(maxNamespaceLength)
  .regex(/^[ -~]*$/)
const duration = z.tuple([z.number().nonnegative()], count)
const uids = (max: number) =>
  z
    .string()
    .max(max * shortLength)
    .refine((text) => text.length % shortLength === 0, 'must be short uids')
    .transform((text) => (text.match(new RegExp(`.{${shortLength}}`, 'g')) ?? []).map((uid) => uid.trimEnd()))

const position = {
  resourceVersion: z.string().regex(/^[0-9]{1,20}$/),
  open: uids(maxOpen),
  newestCreatedMs: z.number(),
  recent: z.object({
    sinceMs: z.number(),
    settled: z.array(z.tuple([z.number(), uids(maxRecent)])).max(maxRecent),
  }),
}
/** A reason that only a newer svidwatch has is read as the one for what has no code of its own. */
const reason = z
  .string()
  .regex(/^(denied|failed)_[a-z_]{1,60}$/)
  .transform((code) => failureReasons.find((known) => known === code) ?? otherReason(code))
const otherReason = (code: string): FailureReason => (code.startsWith('denied_') ? 'denied_other' : 'failed_other')
const counted = {
  reasons: z.array(reason),
  totals: z.array(
    z.tuple(
      [name, name, z.number(), count, count, z.array(count), duration, duration, duration, namespace.optional()],
      z.unknown(),
    ),
  ),
}

/**
 * The stored forms, as short as possible: that of the whole cluster, and that of namespaces. `totals` has, for each issuer, its
 * names, when it was used last, the issued requests, the mismatches, the failures in the order of `reasons`, the sum and counts of
 * each duration, without zeros at the end, and the only namespace that uses it, if there is one.
 */
const ofCluster = z.object({ ...position, ...counted })
const ofNamespaces = z.object({
  ...counted,
  namespaces: z
    .record(objectName, z.object(position))
    .refine((namespaces) => Object.keys(namespaces).length <= maxNamespaces, `must be at most ${maxNamespaces}`),
})
type StoredTotals = z.input<typeof ofCluster>['totals'][number]

/** Returns the text to store. */
export function serializeCheckpoint({ totals, positions }: Checkpoint): string {
  const counts = { reasons: [...failureReasons], totals: totals.map(storedTotals) }
  const [first, ...others] = positions
  if (first !== undefined && others.length === 0 && first.namespace === undefined)
    return JSON.stringify({ ...storedPosition(first), ...counts })
  const namespaces = Object.fromEntries(positions.map((one) => [one.namespace ?? '', storedPosition(one)]))
  return JSON.stringify({ ...counts, namespaces })
}

function storedPosition({ resourceVersion, open, newestCreatedMs, recent }: Position) {
  const settled = recent.settled.map(([createdMs, settledUids]) => [createdMs, joinUids(settledUids)] as const)
  return { resourceVersion, open: joinUids(open), newestCreatedMs, recent: { ...recent, settled } }
}

/** Short uids of the same length need no separators, unlike a list in JSON. */
const joinUids = (uids: readonly string[]): string => uids.map((uid) => uid.padEnd(shortLength)).join('')

/** Parses a stored text. Returns the problem, one line, if the text is not a checkpoint. */
export function parseCheckpoint(text: string): { checkpoint: Checkpoint } | { problem: string } {
  try {
    const value = JSON.parse(text) as unknown
    const hasNamespaces = typeof value === 'object' && value !== null && 'namespaces' in value
    const { data, error } = (hasNamespaces ? ofNamespaces : ofCluster).safeParse(value)
    if (data === undefined) return { problem: storedProblem(error) }
    const { reasons, totals, ...rest } = data
    const problem = lengthProblem(reasons, totals)
    const positions =
      'namespaces' in rest ? Object.entries(rest.namespaces).map(([namespace, one]) => ({ namespace, ...one })) : [rest]
    return (
      problem ?? { checkpoint: { totals: totals.filter(isNamed).map((one) => totalsFrom(one, reasons)), positions } }
    )
  } catch {
    return { problem: 'it is not JSON' }
  }
}

/**
 * Reports whether totals have the names of a trust domain and an issuer, or none. An earlier version has stored whatever a request said.
 * Such totals are left out, because they cannot be added to those of other names, which they would look like.
 */
const isNamed = ([trustDomain, issuer]: StoredTotals): boolean =>
  (trustDomain === '' || trustDomainPattern.test(trustDomain)) && (issuer === '' || plainIssuerPattern.test(issuer))

/** Returns the most characters that the stored totals of an issuer take: a count has 13 digits at most. */
export function storedTotalsLength(trustDomain: string, issuer: string): number {
  return JSON.stringify([trustDomain, issuer]).length + maxLengthOfCounts
}

const maxCount = 9_999_999_999_999
const longestHistogram: Histogram = {
  counts: new Array<number>(durationBuckets.length + 1).fill(maxCount),
  sum: 1_234_567_890.1234567,
}
const maxLengthOfCounts = JSON.stringify(
  storedTotals({
    ...noTotals('', ''),
    namespace: 'n'.repeat(maxNamespaceLength),
    usedMs: maxCount,
    attestationSuccess: maxCount,
    identityMismatches: maxCount,
    attestationFailure: Object.fromEntries(
      failureReasons.map((reason) => [reason, maxCount]),
    ) as IssuerTotals['attestationFailure'],
    approvalDuration: longestHistogram,
    signingDuration: longestHistogram,
    renewalDuration: longestHistogram,
  }),
).length

function storedTotals(totals: Readonly<IssuerTotals>): StoredTotals {
  const { trustDomain, issuer, namespace, usedMs, attestationSuccess, identityMismatches, attestationFailure } = totals
  const [approval, signing, renewal] = durationNames.map((one) => storedDuration(totals[one]))
  if (!approval || !signing || !renewal) throw new Error('there are three durations')
  const failures = withoutZeros(failureReasons.map((reason) => attestationFailure[reason]))
  const counts = [usedMs, attestationSuccess, identityMismatches, failures, approval, signing, renewal] as const
  return namespace === '' ? [trustDomain, issuer, ...counts] : [trustDomain, issuer, ...counts, namespace]
}

function storedDuration({ sum, counts }: Histogram): [number, ...number[]] {
  return [sum, ...withoutZeros(counts)]
}

function withoutZeros(counts: readonly number[]): number[] {
  return counts.slice(0, counts.findLastIndex((one) => one > 0) + 1)
}

/** Reports the first totals with too many failures or counts. */
function lengthProblem(reasons: readonly string[], totals: readonly StoredTotals[]): { problem: string } | undefined {
  for (const [index, [, , , , , failures, approval, signing, renewal]] of totals.entries()) {
    const durations = [approval, signing, renewal]
    if (failures.length > reasons.length) return { problem: `totals.${index}: more failures than reasons` }
    if (durations.some((one) => one.length > durationBuckets.length + 2))
      return { problem: `totals.${index}: more counts than buckets` }
  }
  return undefined
}

function totalsFrom(stored: StoredTotals, reasons: readonly (typeof failureReasons)[number][]): IssuerTotals {
  const [trustDomain, issuer, usedMs, attestationSuccess, identityMismatches, failures, ...rest] = stored
  const [approval, signing, renewal, namespace = ''] = rest
  const totals = { ...noTotals(trustDomain, issuer), namespace, usedMs, attestationSuccess, identityMismatches }
  for (const [index, failed] of failures.entries()) {
    const reason = reasons[index]
    if (reason !== undefined) totals.attestationFailure[reason] += failed
  }
  for (const [index, [sum, ...counts]] of [approval, signing, renewal].entries()) {
    const histogram = totals[durationNames[index] ?? 'approvalDuration']
    histogram.sum = sum
    histogram.counts = histogram.counts.map((_, bucket) => counts[bucket] ?? 0)
  }
  return totals
}
