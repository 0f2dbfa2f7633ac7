import { expect, test } from 'vitest'
import { DerError, derContent, derMembers, derTags, derValue } from '../../../src/identity/der.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const content = 'ab'.repeat(200)

test.each([
  ['a short length', '04 02 abab', 'abab'],
  ['no contents', '04 00', ''],
  ['a length of one octet', `04 81 c8 ${content}`, content],
  ['a length of two octets', `04 82 00c8 ${content}`, content],
])('a value with %s', (_, hex, expected) => {
  expect(derContent(derValue(bytes(hex)), derTags.octetString, 'it').toString('hex')).toBe(expected)
})

test('a sequence, and what is in it', () => {
  const members = derMembers(derValue(bytes('30 07 02 01 05 04 02 abab')), derTags.sequence, 'it')
  expect(members.map(({ tag, content: held }) => [tag, held.toString('hex')])).toEqual([
    [derTags.integer, '05'],
    [derTags.octetString, 'abab'],
  ])
})

test.each([
  ['nothing', ''],
  ['a tag alone', '04'],
  ['contents that are cut off', '04 02 ab'],
  ['a length that is cut off', '04 82 01'],
  ['an indefinite length', '30 80 0000'],
  ['a length of four octets', '04 84 00000001 ab'],
  ['a tag of two octets', '1f 81 01 ab'],
  ['a second value behind it', '04 01 ab 04 01 ab'],
])('%s is refused', (_, hex) => {
  expect(() => derValue(bytes(hex))).toThrow(DerError)
})

test('what is missing or of another type is refused by its name', () => {
  const integer = derValue(bytes('02 01 05'))
  expect(() => derMembers(integer, derTags.sequence, 'the list')).toThrow('the list is missing or of another type')
  expect(() => derContent(undefined, derTags.integer, 'the version')).toThrow('the version is missing')
})

test('a nesting of any depth costs nothing: only the outermost value is read', () => {
  const depth = 2_000
  let nested = Buffer.alloc(0)
  for (let level = 0; level < depth; level += 1) {
    const length = Buffer.alloc(3)
    length.writeUIntBE(nested.length, 0, 3)
    nested = Buffer.concat([Buffer.from([derTags.sequence, 0x83]), length, nested])
  }
  expect(derMembers(derValue(nested), derTags.sequence, 'it')).toHaveLength(1)
})
