import { expect, test } from 'vitest'
import { DerError, derMember, derMembers, derTagged, derTags, derValue } from '../../../src/identity/der.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const content = 'ab'.repeat(200)

test.each([
  ['a short length', '04 02 abab', 'abab'],
  ['no contents', '04 00', ''],
  ['a length of one octet', `04 81 c8 ${content}`, content],
  ['a length of two octets', `04 82 00c8 ${content}`, content],
])('a value with %s', (_, hex, expected) => {
  expect(derTagged(derValue(bytes(hex)), derTags.octetString, 'it').content.toString('hex')).toBe(expected)
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

test('the one value in another one', () => {
  expect(derMember(derValue(bytes('04 03 02 01 05')), derTags.octetString, 'it')).toMatchObject({
    tag: derTags.integer,
  })
})

test.each([
  ['nothing', '30 00'],
  ['two', '30 06 02 01 05 02 01 06'],
  ['one that is longer than what holds it', '30 03 02 02 05'],
])('%s in place of the one value is refused', (_, hex) => {
  expect(() => derMember(derValue(bytes(hex)), derTags.sequence, 'it')).toThrow(DerError)
})

test('a member that is longer than what holds it is refused, although bytes follow', () => {
  const outer = derMembers(derValue(bytes('30 07 30 03 02 02 05 04 00')), derTags.sequence, 'it')
  expect(() => derMembers(outer[0], derTags.sequence, 'its first member')).toThrow(DerError)
})

test('what is missing or of another type is refused by its name', () => {
  const integer = derValue(bytes('02 01 05'))
  expect(() => derMembers(integer, derTags.sequence, 'the list')).toThrow('the list is missing or of another type')
  expect(() => derTagged(undefined, derTags.integer, 'the version')).toThrow('the version is missing')
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
