import * as z from 'zod'
import { parseSpiffeId } from '../identity/spiffeId.ts'
import { readProblems, troubleReasons, type ReadProblem, type TroubleReason } from '../ledger/reasons.ts'

/** Longer than any detail that svidwatch writes of itself. */
export const maxDetailLength = 1_000

const podUid = z.string().regex(/^[A-Za-z0-9-]{1,63}$/, 'must be the uid of a pod')
const volume = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be the name of a volume')
/** Of the years 1 to 9999, as in a certificate: RFC 3339 can write no other. */
const timeProblem = 'must be a time in whole milliseconds, of the years 1 to 9999'
const timeMs = z
  .int(timeProblem)
  .min(Date.parse('0001-01-01T00:00:00Z'), timeProblem)
  .max(Date.parse('9999-12-31T23:59:59.999Z'), timeProblem)

/** Text for people: whatever could begin a line of its own, or move a cursor, is a space. */
const detail = z
  .string()
  .max(maxDetailLength, `must be at most ${maxDetailLength} characters long`)
  .transform((text) => text.replaceAll(/[\p{C}\p{Z}]+/gu, ' '))

const names = <Name extends string>(table: Readonly<Record<Name, string>>) => Object.keys(table) as Name[]

/** The trust domain is read from the SPIFFE ID, so that the two cannot differ. */
const svid = z
  .object({
    spiffeId: z.string(),
    notBeforeMs: timeMs,
    notAfterMs: timeMs,
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'),
    chain: z.object({ notBeforeMs: timeMs, notAfterMs: timeMs }).exactOptional(),
  })
  .transform((given, context) => {
    const id = parseSpiffeId(given.spiffeId)
    if (!('problem' in id) && id.path !== '') return { ...given, trustDomain: id.trustDomain }
    context.issues.push({
      code: 'custom',
      path: ['spiffeId'],
      message: 'must be the SPIFFE ID of a workload',
      input: undefined,
    })
    return z.NEVER
  })

const reading = z.union([
  z.object({ svid }),
  z.object({ problem: z.enum<ReadProblem[]>(names(readProblems), 'must be a known reason code'), detail }),
])

const mounted = z.object({
  podUid,
  volume,
  reading,
  bundle: z
    .object({ certificates: z.int('must be a count').nonnegative('must be a count'), newestNotAfterMs: timeMs })
    .exactOptional(),
  mountBirthMs: timeMs,
})

/** What every line has, those of newer nodes too. */
export const typeSchema = z.object({ type: z.string() })

/** What a line of each type has; other fields are left out. */
export const lineSchema = {
  snapshot: z.object({ type: z.literal('snapshot') }),
  mounted: z.object({ type: z.literal('mounted'), mounted }),
  unmounted: z.object({ type: z.literal('unmounted'), podUid, volume }),
  synced: z.object({ type: z.literal('synced') }),
  sighted: z.object({ type: z.literal('sighted') }),
  blind: z.object({
    type: z.literal('blind'),
    reason: z.enum<TroubleReason[]>(names(troubleReasons), 'must be a known reason code'),
    detail,
  }),
  heartbeat: z.object({ type: z.literal('heartbeat') }),
} as const
