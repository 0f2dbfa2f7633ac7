import { X509Certificate, hash } from 'node:crypto'
import type { Period } from './lifetime.ts'
import type { NotAnSvid } from './svidProblems.ts'

type NotACertificate = NotAnSvid<'malformed_certificate'>

/** Parses one PEM block; `position` (1 is the first of its text) is for the message. */
export function parseCertificate(block: string, position: number): X509Certificate | NotACertificate {
  const malformed = (detail: string) => ({ problem: 'malformed_certificate', detail }) as const
  try {
    const certificate = new X509Certificate(block)
    return isDated(certificate) ? certificate : malformed(`certificate ${position} has a validity that is no time`)
  } catch {
    return malformed(`certificate ${position} is not an X.509 certificate`)
  }
}

/** RFC 3339 and whoever reads it know no year 0. */
const firstMs = Date.parse('0001-01-01T00:00:00Z')

/** OpenSSL writes a time that is none in these words; the Date that Node.js makes of it is what happened to be in memory. */
const noTime = 'Bad time value'

function isDated({ validFrom, validTo, validFromDate, validToDate }: X509Certificate): boolean {
  if (validFrom === noTime || validTo === noTime) return false
  return validFromDate.getTime() >= firstMs && validToDate.getTime() >= firstMs
}

/** When each of some CA certificates is valid; `firstPosition` is that of the first one in its text. */
export function periodsOf(blocks: readonly string[], firstPosition: number): readonly Period[] | NotACertificate {
  const periods: Period[] = []
  for (const [index, block] of blocks.entries()) {
    const period = rememberedPeriod(block, firstPosition + index)
    if ('problem' in period) return period
    periods.push(period)
  }
  return periods
}

/** There are few CA certificates, and the same ones come with thousands of SVIDs: these share what was parsed once. */
const remembered = new Map<string, Period>()
const maxRemembered = 512

function rememberedPeriod(block: string, position: number): Period | NotACertificate {
  const key = hash('sha256', block)
  const known = remembered.get(key)
  if (known !== undefined) return known

  const certificate = parseCertificate(block, position)
  if ('problem' in certificate) return certificate
  const period = { notBeforeMs: certificate.validFromDate.getTime(), notAfterMs: certificate.validToDate.getTime() }
  if (remembered.size === maxRemembered) remembered.clear()
  remembered.set(key, period)
  return period
}
