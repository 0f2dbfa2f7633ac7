import * as z from 'zod'
import { maxAuthorities } from '../identity/trustBundle.ts'
import { refusals } from '../identity/verdict.ts'
import { certificateTimeMs, fingerprint, keyId, x509SvidSchema } from '../identity/x509SvidSchema.ts'
import { readProblems } from '../ledger/workloads/reasons.ts'
import { troubleReasons } from '../ledger/sight/reasons.ts'
import { printable } from '../text/printable.ts'

/** Longer than any detail that svidwatch itself writes. */
export const maxDetailLength = 1_000

const podUid = z.string().regex(/^[A-Za-z0-9-]{1,63}$/, 'must be the uid of a pod')
const volume = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be the name of a volume')
/** Human-readable text. */
const detail = z
  .string()
  .max(maxDetailLength, `must be at most ${maxDetailLength} characters long`)
  .transform((text) => printable(text, { maxLength: maxDetailLength }))

/** A reason code. One that only newer node roles have is read as the general one. */
const reasonCode = <Code extends string>(codes: Readonly<Record<Code, string>>, general: NoInfer<Code>) =>
  z
    .string('must be a reason code')
    .regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be a reason code')
    .transform((code) => (Object.hasOwn(codes, code) ? (code as Code) : general))

const reading = z.union([
  z.object({ svid: x509SvidSchema }),
  z.object({ problem: reasonCode(readProblems, 'unreadable'), detail }),
])

const authority = z.object({ fingerprint, keyId, notBeforeMs: certificateTimeMs, notAfterMs: certificateTimeMs })

const bundle = z
  .object({
    certificates: z.int('must be a count').positive('must be a count'),
    authorities: z.array(authority, 'must be a list of authorities'),
    newestNotAfterMs: certificateTimeMs,
  })
  .refine(
    ({ certificates, authorities }) => authorities.length === Math.min(certificates, maxAuthorities),
    `must have an authority for each certificate, for ${maxAuthorities} at most`,
  )

const verdict = z.union([
  z.object({
    authority: fingerprint,
    period: z.object({ notBeforeMs: certificateTimeMs, notAfterMs: certificateTimeMs }),
  }),
  z.object({ refusal: reasonCode(refusals, 'refused_other'), detail }),
])

const mounted = z.object({
  podUid,
  volume,
  reading,
  writtenMs: certificateTimeMs.exactOptional(),
  bundle: bundle.exactOptional(),
  verdict: verdict.exactOptional(),
  mountBirthMs: certificateTimeMs,
})

/** The field that every line has, also a line of a type that only newer node roles send. */
export const typeSchema = z.object({ type: z.string() })

/** The fields of a line of each type. Unknown fields are dropped. */
export const lineSchema = {
  snapshot: z.object({ type: z.literal('snapshot') }),
  mounted: z.object({ type: z.literal('mounted'), mounted }),
  unmounted: z.object({ type: z.literal('unmounted'), podUid, volume }),
  synced: z.object({ type: z.literal('synced') }),
  sighted: z.object({ type: z.literal('sighted') }),
  blind: z.object({
    type: z.literal('blind'),
    reason: reasonCode(troubleReasons, 'unreadable'),
    detail,
  }),
  heartbeat: z.object({ type: z.literal('heartbeat') }),
} as const
