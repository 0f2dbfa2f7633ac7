import * as z from 'zod'
import { parseSpiffeId } from './spiffeId.ts'
import type { X509Svid } from './x509Svid.ts'

/** Of the years 1 to 9999, as in a certificate: RFC 3339 can write no other. */
const timeProblem = 'must be a time in whole milliseconds, of the years 1 to 9999'
export const certificateTimeMs = z
  .int(timeProblem)
  .min(Date.parse('0001-01-01T00:00:00Z'), timeProblem)
  .max(Date.parse('9999-12-31T23:59:59.999Z'), timeProblem)

/** Tells two certificates apart. */
export const fingerprint = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')

/** What JSON from outside says of an SVID. The trust domain is read from the SPIFFE ID, so that the two cannot differ. */
export const x509SvidSchema = z
  .object({
    spiffeId: z.string(),
    notBeforeMs: certificateTimeMs,
    notAfterMs: certificateTimeMs,
    fingerprint,
    chain: z.object({ notBeforeMs: certificateTimeMs, notAfterMs: certificateTimeMs }).exactOptional(),
  })
  .transform((given, context): X509Svid => {
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
