import { derTags, type DerValue } from './der.ts'

/** The length of MMDDHHMMSSZ. */
const lengthAfterYear = 11
const letterZ = 0x5a

/**
 * Returns the time in a certificate, which is in whole seconds and UTC (RFC 5280 section 4.1.2.5), as ms since the Unix epoch;
 * undefined for a value that is not a time. The digits are read in place: a text and a pattern would take three times as long.
 */
export function derTimeMs({ tag, bytes, start, end }: DerValue): number | undefined {
  const yearEnd = end - lengthAfterYear
  const yearLength = yearEnd - start
  const lastTwo = twoDigits(bytes, yearEnd - 2)
  if (bytes[end - 1] !== letterZ) return undefined
  if (tag === derTags.utcTime && yearLength === 2) {
    return dateMs((lastTwo < 50 ? 2000 : 1900) + lastTwo, bytes, yearEnd)
  }
  if (tag !== derTags.generalizedTime || yearLength !== 4) return undefined
  const year = twoDigits(bytes, start) * 100 + lastTwo
  return year < 1000 ? undefined : dateMs(year, bytes, yearEnd)
}

/** Returns the time with this year and the MMDDHHMMSS at `at`; undefined if there is no such time. */
function dateMs(year: number, bytes: Buffer, at: number): number | undefined {
  const month = twoDigits(bytes, at)
  const day = twoDigits(bytes, at + 2)
  const hour = twoDigits(bytes, at + 4)
  const minute = twoDigits(bytes, at + 6)
  const second = twoDigits(bytes, at + 8)
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  // Date.UTC takes the 30th of February for a day in March, and returns NaN if a digit is not one.
  return new Date(ms).getUTCDate() === day ? ms : undefined
}

/** Returns the value of two decimal digits; NaN if one of them is not a digit. */
const twoDigits = (bytes: Buffer, at: number): number => digit(bytes[at]) * 10 + digit(bytes[at + 1])

function digit(octet = 0): number {
  const value = octet - 0x30
  return value >= 0 && value <= 9 ? value : NaN
}
