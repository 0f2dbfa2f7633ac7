import * as z from 'zod'
import { maxKeyIdLength } from './authority.ts'
import { sharedKeyId } from './keyId.ts'
import { parseSpiffeId } from './spiffeId.ts'
import type { X509Svid } from './x509Svid.ts'

/** The years that every reader of RFC 3339 knows (section 1: four digits; some have no year 0). */
const timeProblem = 'must be a time in whole milliseconds, of the years 1 to 9999'
export const certificateTimeMs = z
  .int(timeProblem)
  .min(Date.parse('0001-01-01T00:00:00Z'), timeProblem)
  .max(Date.parse('9999-12-31T23:59:59.999Z'), timeProblem)

export const fingerprint = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')

export const keyId = z
  .string()
  .regex(
    new RegExp(`^[0-9a-f]{1,${maxKeyIdLength}}$`),
    `must be a key identifier of at most ${maxKeyIdLength} characters of lower-case hex`,
  )
  .transform(sharedKeyId)

/** Parses an SVID in JSON from outside. The trust domain is taken from the SPIFFE ID, so that the two cannot differ. */
export const x509SvidSchema = z
  .object({
    spiffeId: z.string(),
    notBeforeMs: certificateTimeMs,
    notAfterMs: certificateTimeMs,
    fingerprint,
    chain: z.object({ notBeforeMs: certificateTimeMs, notAfterMs: certificateTimeMs }).exactOptional(),
    authorityKeyId: keyId.exactOptional(),
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
