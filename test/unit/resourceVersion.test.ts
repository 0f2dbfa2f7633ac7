import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compactVersion } from '../../src/resourceVersion.ts'

it('is a number where the number has the same text', () => {
  expect(compactVersion('2147483648')).toBe(2_147_483_648)
})

it.each(['18446744073709551615', '9007199254740993', '007', '-0', '1e3', 'NaN', ''])(
  'keeps the text of "%s"',
  (text) => {
    expect(String(compactVersion(text))).toBe(text)
  },
)

it('keeps every text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.nat().map(String), fc.bigInt().map(String)), (text) => {
      expect(String(compactVersion(text))).toBe(text)
    }),
  )
})
