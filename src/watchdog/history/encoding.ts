import * as z from 'zod'
import type { RestartCause } from '../causes.ts'
import { failureReasons, type FailureReason } from './failureReasons.ts'
import { reservationStates, type History } from './history.ts'

/** The version of the text. It rises when an earlier svidwatch would misread it. */
const version = 1

/** The most that is stored, in bytes of UTF-8. All annotations of an object may have 256 KiB together. */
export const maxBytes = 192 * 1024

/** A restart never takes more than so many bytes more than when it was reserved: two times, a reason, a uid. */
const growthBytes = 240

const time = z.int()

const reservationSchema = z.strictObject({
  id: z.int().min(1),
  pod: z.string(),
  owner: z.string(),
  namespace: z.string(),
  node: z.string(),
  issuers: z.array(z.string()),
  cause: z.enum(['mount_stale', 'mount_detached', 'not_reloaded', 'not_renewed'] satisfies RestartCause[]),
  state: z.enum(reservationStates),
  reservedMs: time,
  actedMs: time.exactOptional(),
  endedMs: time.exactOptional(),
  reason: z.enum(Object.keys(failureReasons) as FailureReason[]).exactOptional(),
  wellMs: time.exactOptional(),
  refusals: z.int().exactOptional(),
  successor: z.string().exactOptional(),
})

const historySchema = z
  .strictObject({ version: z.literal(version), next: z.int().min(1), reservations: z.array(reservationSchema) })
  .refine(({ next, reservations }) => reservations.every(({ id }) => id < next), 'an id that is not used yet')

/** Returns the text that is stored in the Lease. */
export const serializeHistory = ({ next, reservations }: History): string =>
  JSON.stringify({ version, next, reservations })

/**
 * Reads the stored text; undefined is an empty history. One that cannot be read is no empty history: without it, nothing may be restarted,
 * because caps and cool-downs are not known.
 */
export function parseHistory(text: string | undefined): { readonly history: History } | { readonly problem: string } {
  if (text === undefined) return { history: { next: 1, reservations: [] } }
  try {
    const { next, reservations } = historySchema.parse(JSON.parse(text))
    return { history: { next, reservations } }
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : 'it is no JSON'
    return { problem: `the record of restarts cannot be read: ${why.slice(0, 200)}` }
  }
}

/** Reports whether a history stays within `maxBytes` whatever becomes of its restarts. */
export function fits(history: History): boolean {
  const bytes = Buffer.byteLength(serializeHistory(history), 'utf8')
  return bytes + history.reservations.length * growthBytes <= maxBytes
}
