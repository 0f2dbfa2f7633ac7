import { derTags, type DerValue } from './der.ts'

/** What follows the year: MMDDHHMMSSZ. */
const lengthAfterYear = 11
const letterZ = 0x5a

/**
 * The time that a certificate names, in whole seconds and UTC (RFC 5280 section 4.1.2.5), as ms since the Unix epoch; undefined
 * for a value that is none. The digits are read where they are: a text and a pattern would take three times as long.
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

/** The date of a year with the month, day, hour, minute and second that stand at a place; undefined where there is no such date. */
function dateMs(year: number, bytes: Buffer, at: number): number | undefined {
  const month = twoDigits(bytes, at)
  const day = twoDigits(bytes, at + 2)
  const hour = twoDigits(bytes, at + 4)
  const minute = twoDigits(bytes, at + 6)
  const second = twoDigits(bytes, at + 8)
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  // The 30th of February would be taken for a day in March, and what is no digit for no time.
  return new Date(ms).getUTCDate() === day ? ms : undefined
}

/** The number that two decimal digits are; NaN where one of them is none. */
const twoDigits = (bytes: Buffer, at: number): number => digit(bytes[at]) * 10 + digit(bytes[at + 1])

function digit(octet = 0): number {
  const value = octet - 0x30
  return value >= 0 && value <= 9 ? value : NaN
}
