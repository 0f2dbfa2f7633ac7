import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DerReader, derTags } from '../../../src/identity/der.ts'
import { derTimeMs } from '../../../src/identity/derTime.ts'

/** A value of a tag that holds a text. */
function valueOf(tag: number, text: string) {
  return DerReader.ofBytes(Buffer.concat([Buffer.from([tag, text.length]), Buffer.from(text, 'latin1')])).any()
}

const { utcTime, generalizedTime } = derTags

/** What RFC 5280 section 4.1.2.5 says, as a pattern and by the calendar of Date. */
function timeByPattern(tag: number, text: string): number | undefined {
  const whole = tag === utcTime ? (text < '5' ? '20' : '19') + text : text
  const pattern = /^([1-9]\d{3})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
  if (!pattern.test(whole)) return undefined
  const ms = Date.parse(whole.replace(pattern, '$1-$2-$3T$4:$5:$6Z'))
  const isThere = !Number.isNaN(ms) && new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '') === whole
  return isThere ? ms : undefined
}

test.each([
  [utcTime, '260228235959Z', '2026-02-28T23:59:59Z'],
  [utcTime, '491231235959Z', '2049-12-31T23:59:59Z'],
  [utcTime, '500101000000Z', '1950-01-01T00:00:00Z'],
  [utcTime, '700101000000Z', '1970-01-01T00:00:00Z'],
  [utcTime, '240229120000Z', '2024-02-29T12:00:00Z'],
  [generalizedTime, '99991231235959Z', '9999-12-31T23:59:59Z'],
  [generalizedTime, '10000101000000Z', '1000-01-01T00:00:00Z'],
])('%i %s is %s', (tag, text, time) => {
  expect(derTimeMs(valueOf(tag, text))).toBe(Date.parse(time))
})

test.each([
  ['no time', ''],
  ['a day that there is not', '260230000000Z'],
  ['a leap day of another year', '250229000000Z'],
  ['a month 0', '260001000000Z'],
  ['a month 13', '261301000000Z'],
  ['a day 0', '260100000000Z'],
  ['an hour 24', '260101240000Z'],
  ['a minute 60', '260101006000Z'],
  ['a second 60', '260101000060Z'],
  ['no seconds', '2601010000Z'],
  ['an offset', '260101000000+0100'],
  ['no letter at its end', '2601010000000'],
  ['letters', '26o101000000Z'],
  ['the year of a GeneralizedTime', '20260101000000Z'],
])('a UTCTime with %s is none', (_, text) => {
  expect(derTimeMs(valueOf(utcTime, text))).toBeUndefined()
})

test('a text of another tag is none', () => {
  expect(derTimeMs(valueOf(derTags.octetString, '260101000000Z'))).toBeUndefined()
})

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`))

test('whatever a value holds, it is the time that the standard tells, or none', () => {
  const numbers = fc.oneof(digits(12), digits(14))
  const dates = fc
    .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().replaceAll(/[-:T]|\..*/g, ''))
  const written = fc
    .oneof(
      dates,
      dates.map((date) => date.slice(2)),
      numbers,
    )
    .map((text) => `${text}Z`)
  const texts = fc.oneof({ weight: 4, arbitrary: written }, { weight: 1, arbitrary: fc.string({ maxLength: 20 }) })
  fc.assert(
    fc.property(fc.constantFrom(utcTime, generalizedTime), texts, (tag, text) => {
      expect(derTimeMs(valueOf(tag, text))).toBe(timeByPattern(tag, text))
    }),
    { numRuns: 2000 },
  )
})
