import { expect, test } from 'vitest'
import { sequence } from '../../../tools/verdicts/certificateBuilder.ts'
import { DerError, DerReader, derTags } from '../../../src/identity/der.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const reader = (hex: string) => DerReader.ofBytes(bytes(hex))
const content = 'ab'.repeat(200)

test.each([
  ['a short length', '04 02 abab', 'abab'],
  ['no contents', '04 00', ''],
  ['a length of one octet', `04 81 c8 ${content}`, content],
  ['a length of two octets', `04 82 0190 ${content}${content}`, content + content],
])('a value with %s', (_, hex, expected) => {
  expect(reader(hex).next(derTags.octetString, 'it').content.toString('hex')).toBe(expected)
})

test('a sequence, and what is in it', () => {
  const members = reader('30 07 02 01 05 04 02 abab').inside(derTags.sequence, 'it')
  expect(members.next(derTags.integer, 'its first member').content.toString('hex')).toBe('05')
  expect(members.isAtEnd).toBe(false)
  expect(members.any()).toMatchObject({ tag: derTags.octetString })
  expect(members.isAtEnd).toBe(true)
})

test('all that is left, and the last of it', () => {
  const values = '02 01 05 04 01 ab 02 01 06'
  const contents = reader(values).all((from) => from.any().content.toString('hex'))
  expect(contents).toEqual(['05', 'ab', '06'])
  expect(reader('').all((from) => from.any())).toEqual([])
  expect(reader(values).last(derTags.integer, 'it').content.toString('hex')).toBe('06')
  expect(() => reader(values).last(derTags.octetString, 'the end')).toThrow('the end is missing or of another type')
})

test.each([
  ['nothing', ''],
  ['a tag alone', '04'],
  ['contents that are cut off', '04 02 ab'],
  ['a length that is cut off', '04 82 01'],
  ['an indefinite length', '30 80 0000'],
  ['a length of four octets', '04 84 00000001 ab'],
  ['a length of one octet that needs none', '04 81 01 ab'],
  ['a length of two octets that needs one', `04 82 00c8 ${content}`],
  ['a tag of two octets', '1f 81 01 ab'],
])('%s is refused', (_, hex) => {
  expect(() => reader(hex).any()).toThrow(DerError)
  expect(() => reader(`02 01 05 ${hex} `).last(derTags.octetString, 'it')).toThrow(DerError)
})

test('a member that is longer than the value around it is refused, although bytes follow', () => {
  const members = reader('30 07 30 03 02 02 05 04 00').inside(derTags.sequence, 'it')
  expect(() => members.inside(derTags.sequence, 'its first member').any()).toThrow(DerError)
})

test('what is left is refused, or has to be values', () => {
  const two = reader('04 01 ab 04 01 ab')
  two.any()
  expect(() => two.end()).toThrow(DerError)
  two.skipRest()
  expect(() => two.end()).not.toThrow()
  expect(() => reader('04 01 ab 04 02 ab').skipRest()).toThrow(DerError)
})

test('what is missing or of another type is refused by its name', () => {
  expect(() => reader('02 01 05').inside(derTags.sequence, 'the list')).toThrow(
    'the list is missing or of another type',
  )
  expect(() => reader('').next(derTags.integer, 'the version')).toThrow(DerError)
})

test('a nesting of any depth costs nothing: only the outermost value is read', () => {
  const depth = 2_000
  let nested: Buffer = Buffer.alloc(0)
  for (let level = 0; level < depth; level += 1) nested = sequence(nested)
  const members = DerReader.ofBytes(nested).inside(derTags.sequence, 'it')
  expect(members.all((from) => from.any())).toHaveLength(1)
})
