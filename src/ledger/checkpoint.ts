import { z } from 'zod'
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
  /** The newest creationTimestamp seen, ms since the Unix epoch: what was created later has not been counted. */
  readonly newestCreatedMs: number
}

/** 50,000 short uids take 0.7 MB of the 1 MiB that a ConfigMap may hold; the oldest of more are left out, and not counted later. */
export const maxOpen = 50_000

/** 60 of a uid's 122 random bits: enough to tell 50,000 apart, in 15 characters. */
export const shortUid = (uid: string): string => uid.replaceAll('-', '').slice(0, 12) + uid.slice(-3)

const labels = z.array(z.string().max(2048)).readonly()
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
})

/** Reads what `JSON.stringify` made of a checkpoint; says what is wrong with anything else. */
export function parseCheckpoint(text: string): { checkpoint: Checkpoint } | { problem: string } {
  try {
    const { data, error } = schema.safeParse(JSON.parse(text))
    return data ? { checkpoint: data as unknown as Checkpoint } : { problem: z.prettifyError(error) }
  } catch {
    return { problem: 'it is not JSON' }
  }
}
