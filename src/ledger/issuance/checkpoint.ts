import * as z from 'zod'
import { storedProblem } from '../storedProblem.ts'
import { durationBuckets, totalsShape, type Total } from './view.ts'
import type { TotalsSnapshot } from './totals.ts'

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

/**
 * 20,000 short uids take 0.4 MB of the 1 MiB that a ConfigMap may hold, and leave room for the totals of 256 issuers; the oldest
 * of more are left out, and not counted after a restart.
 */
export const maxOpen = 20_000

/** So many of the newest are told apart; they take less than 0.05 MB. */
export const maxRecent = 2_000

/** 60 of a uid's 122 random bits: enough to tell 20,000 apart, in 15 characters. */
export const shortUid = (uid: string): string => uid.replaceAll('-', '').slice(0, 12) + uid.slice(-3)

const labels = z
  .array(
    z
      .string()
      .max(2048)
      .regex(/^[ -~]*$/),
  )
  .readonly()
const counter = z.strictObject({ labels, value: z.int().nonnegative() })
const histogram = z.strictObject({
  labels,
  counts: z.array(z.int().nonnegative()).length(durationBuckets.length + 1),
  sum: z.number().nonnegative(),
})

/** A total is as it was written only with as many labels as its name has, and the buckets of today. */
const totals = (shape: (typeof totalsShape)[keyof typeof totalsShape]) =>
  z
    .array(shape.type === 'counter' ? counter : histogram)
    .refine(
      (all: Total[]) => all.every((total) => total.labels.length === shape.labels.length),
      'wrong number of labels',
    )

const schema = z.strictObject({
  resourceVersion: z.string().regex(/^[0-9]{1,20}$/),
  totals: z.strictObject(Object.fromEntries(Object.entries(totalsShape).map(([name, shape]) => [name, totals(shape)]))),
  open: z.array(z.string().max(15)).max(maxOpen),
  newestCreatedMs: z.number(),
  recent: z.strictObject({
    sinceMs: z.number(),
    settled: z.array(z.tuple([z.number(), z.array(z.string().max(15)).max(maxRecent)])).max(maxRecent),
  }),
})

/** The text to store. Totals that are zero are left out: they are most of them, and whoever goes on declares them again. */
export function serializeCheckpoint(checkpoint: Checkpoint): string {
  const isCounted = (total: Total) => ('value' in total ? total.value > 0 : total.counts.some((count) => count > 0))
  const counted = Object.entries(checkpoint.totals).map(([name, all]) => [name, all.filter(isCounted)] as const)
  return JSON.stringify({ ...checkpoint, totals: Object.fromEntries(counted) })
}

/** Reads such a text; says what is wrong with anything else. */
export function parseCheckpoint(text: string): { checkpoint: Checkpoint } | { problem: string } {
  try {
    const { data, error } = schema.safeParse(JSON.parse(text))
    return data ? { checkpoint: data as unknown as Checkpoint } : { problem: storedProblem(error) }
  } catch {
    return { problem: 'it is not JSON' }
  }
}
