import * as z from 'zod'
import { storedProblem } from '../stored.ts'
import { failureReasons } from './reasons.ts'
import { durationNames, noTotals, type Histogram, type IssuerTotals, type TotalsSnapshot } from './totals.ts'
import { durationBuckets } from './view.ts'

/**
 * Where the count stands: the totals, the resourceVersion of the CertificateRequests that they stand for, and what is needed
 * to go on from there without counting anything twice.
 */
export interface Checkpoint {
  readonly resourceVersion: string
  readonly totals: TotalsSnapshot
  /** Short forms (`shortUid`) of the requests that had not concluded: those still have to be counted. */
  readonly open: readonly string[]
  /** The newest creationTimestamp seen, ms since the Unix epoch. */
  readonly newestCreatedMs: number
  readonly recent: RecentlySettled
}

/**
 * What the newest requests tell where the API server has forgotten what happened since: all that were created before `sinceMs`
 * have been counted, or are `open`; of those that were created later, only `settled` have been, by creationTimestamp, in their
 * short forms. Times are ms since the Unix epoch.
 */
export interface RecentlySettled {
  readonly sinceMs: number
  readonly settled: readonly (readonly [createdMs: number, uids: readonly string[]])[]
}

/** 20,000 short uids take 0.3 MB of the 1 MiB that a ConfigMap may hold; the oldest of more are left out, and not counted after a restart. */
export const maxOpen = 20_000

/** So many of the newest are told apart; they take less than 0.07 MB. */
export const maxRecent = 2_000

const shortLength = 15

/** 60 of a uid's 122 random bits: enough to tell 20,000 apart, in 15 characters. */
export const shortUid = (uid: string): string => uid.replaceAll('-', '').slice(0, 12) + uid.slice(-3)

const count = z.int().nonnegative()
const name = z
  .string()
  .max(2048)
  .regex(/^[ -~]*$/)
const duration = z.tuple([z.number().nonnegative()], count)
const uids = (max: number) =>
  z
    .string()
    .max(max * shortLength)
    .refine((text) => text.length % shortLength === 0, 'must be short uids')
    .transform((text) => (text.match(new RegExp(`.{${shortLength}}`, 'g')) ?? []).map((uid) => uid.trimEnd()))

/**
 * How it is stored, as short as possible: of each issuer its names, when it was used last, what it issued, the mismatches, the
 * failures in the order of `reasons`, and for each duration the sum and the counts. Zeros at the end of a list are left out.
 */
const schema = z.strictObject({
  resourceVersion: z.string().regex(/^[0-9]{1,20}$/),
  reasons: z.array(z.enum(failureReasons)),
  totals: z.array(z.tuple([name, name, z.number(), count, count, z.array(count), duration, duration, duration])),
  open: uids(maxOpen),
  newestCreatedMs: z.number(),
  recent: z.strictObject({
    sinceMs: z.number(),
    settled: z.array(z.tuple([z.number(), uids(maxRecent)])).max(maxRecent),
  }),
})
type Stored = z.input<typeof schema>
type StoredTotals = Stored['totals'][number]

/** The text to store. */
export function serializeCheckpoint({ totals, open, recent, ...position }: Checkpoint): string {
  const stored: Stored = {
    ...position,
    reasons: [...failureReasons],
    totals: totals.map(storedTotals),
    open: joined(open),
    recent: { ...recent, settled: recent.settled.map(([createdMs, settled]) => [createdMs, joined(settled)]) },
  }
  return JSON.stringify(stored)
}

/** One after the other, each of the same length: shorter than JSON's own lists. */
const joined = (uids: readonly string[]): string => uids.map((uid) => uid.padEnd(shortLength)).join('')

/** Reads such a text; says what is wrong with anything else. */
export function parseCheckpoint(text: string): { checkpoint: Checkpoint } | { problem: string } {
  try {
    const { data, error } = schema.safeParse(JSON.parse(text))
    if (data === undefined) return { problem: storedProblem(error) }
    const { reasons, totals, ...position } = data
    const problem = brokenBy(reasons, totals)
    return problem ?? { checkpoint: { ...position, totals: totals.map((one) => totalsFrom(one, reasons)) } }
  } catch {
    return { problem: 'it is not JSON' }
  }
}

/** How many characters the totals of an issuer take at most, whatever is counted: each count has 13 digits at most. */
export function storedTotalsLength(trustDomain: string, issuer: string): number {
  return JSON.stringify([trustDomain, issuer]).length + mostOfOneIssuer
}

const mostCounted = 9_999_999_999_999
const mostDurations: Histogram = {
  counts: new Array<number>(durationBuckets.length + 1).fill(mostCounted),
  sum: 1_234_567_890.1234567,
}
const mostOfOneIssuer = JSON.stringify(
  storedTotals({
    ...noTotals('', ''),
    usedMs: mostCounted,
    attestationSuccess: mostCounted,
    identityMismatches: mostCounted,
    attestationFailure: Object.fromEntries(
      failureReasons.map((reason) => [reason, mostCounted]),
    ) as IssuerTotals['attestationFailure'],
    approvalDuration: mostDurations,
    signingDuration: mostDurations,
    renewalDuration: mostDurations,
  }),
).length

function storedTotals(totals: Readonly<IssuerTotals>): StoredTotals {
  const { trustDomain, issuer, usedMs, attestationSuccess, identityMismatches, attestationFailure } = totals
  const [approval, signing, renewal] = durationNames.map((one) => storedDuration(totals[one]))
  if (!approval || !signing || !renewal) throw new Error('there are three durations')
  const failures = withoutZeros(failureReasons.map((reason) => attestationFailure[reason]))
  return [trustDomain, issuer, usedMs, attestationSuccess, identityMismatches, failures, approval, signing, renewal]
}

function storedDuration({ sum, counts }: Histogram): [number, ...number[]] {
  return [sum, ...withoutZeros(counts)]
}

function withoutZeros(counts: readonly number[]): number[] {
  return counts.slice(0, counts.findLastIndex((one) => one > 0) + 1)
}

/** What of the totals is not as it was written. */
function brokenBy(reasons: readonly string[], totals: readonly StoredTotals[]): { problem: string } | undefined {
  for (const [index, [, , , , , failures, ...durations]] of totals.entries()) {
    if (failures.length > reasons.length) return { problem: `totals.${index}: more failures than reasons` }
    if (durations.some((one) => one.length > durationBuckets.length + 2))
      return { problem: `totals.${index}: more counts than buckets` }
  }
  return undefined
}

function totalsFrom(stored: StoredTotals, reasons: readonly (typeof failureReasons)[number][]): IssuerTotals {
  const [trustDomain, issuer, usedMs, attestationSuccess, identityMismatches, failures, ...durations] = stored
  const totals = { ...noTotals(trustDomain, issuer), usedMs, attestationSuccess, identityMismatches }
  for (const [index, failed] of failures.entries()) {
    const reason = reasons[index]
    if (reason !== undefined) totals.attestationFailure[reason] = failed
  }
  for (const [index, [sum, ...counts]] of durations.entries()) {
    const histogram = totals[durationNames[index] ?? 'approvalDuration']
    histogram.sum = sum
    histogram.counts = histogram.counts.map((_, bucket) => counts[bucket] ?? 0)
  }
  return totals
}
