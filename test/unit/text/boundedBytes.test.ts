import { expect, test } from 'vitest'
import { boundedBytes } from '../../../src/text/boundedBytes.ts'

test.each([
  ['', 4, ''],
  ['abcd', 4, 'abcd'],
  ['abcde', 4, 'a…'],
  ['äöü', 6, 'äöü'],
  ['äöüa', 6, 'ä…'],
  ['a😀b', 6, 'a😀b'],
  ['a😀bc', 6, 'a…'],
])('%j has room in %i bytes as %j', (text, bytes, bounded) => {
  expect(boundedBytes(text, bytes)).toBe(bounded)
  expect(Buffer.byteLength(bounded)).toBeLessThanOrEqual(bytes)
})
