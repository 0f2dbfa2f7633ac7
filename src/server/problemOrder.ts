import * as z from 'zod'
import type { Urgency } from '../diagnosis/urgency.ts'
import { partsOfToken, tokenOf } from './pageToken.ts'

/** The parts of a token, in the order in which they decide. */
const partsSchema = z.tuple([
  z.boolean(),
  z.enum(['critical', 'warning']),
  z.string(),
  z.number().nullable(),
  z.number(),
  z.string(),
  z.string(),
])

/** Returns the position of a problem as an opaque text for a URL. */
export function positionToken({ muted, severity, explainedBy, impactMs, sinceMs, code, key }: Urgency): string {
  return tokenOf([muted, severity, explainedBy, impactMs ?? null, sinceMs, code, key])
}

/** Returns the position of a token, or undefined for a text that is not a token. */
export function positionFromToken(token: string): Urgency | undefined {
  const { data } = partsSchema.safeParse(partsOfToken(token))
  if (data === undefined) return undefined
  const [muted, severity, explainedBy, impactMs, sinceMs, code, key] = data
  return { muted, severity, explainedBy, sinceMs, code, key, ...(impactMs !== null && { impactMs }) }
}
