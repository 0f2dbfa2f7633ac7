import { expect, test } from 'vitest'
import { printable, type PrintableOptions } from '../../../src/text/printable.ts'

const hostile = ' a\r\n\u001b[31mb\u2028\u202e\u00a0c\ud800 é 😀 '

test.each<[PrintableOptions['as'], string]>([
  [undefined, 'a [31mb c é 😀'],
  ['spaces', 'a [31mb c é 😀'],
  ['escapes', ' a\\u{d}\\u{a}\\u{1b}[31mb\\u{2028}\\u{202e}\u00a0c\\u{d800} é 😀 '],
  ['questionMarks', ' a???[31mb???c? ? ? '],
])('what a terminal would act on is replaced (%s)', (as, expected) => {
  expect(printable(hostile, as && { as })).toBe(expected)
})

test.each<[string, PrintableOptions, string]>([
  ['abcd', { maxLength: 4 }, 'abcd'],
  ['abcde', { maxLength: 4 }, 'abc…'],
  ['a\u001bbc', { as: 'escapes', maxLength: 8 }, 'a\\u{1b}…'],
  ['abcdefg', { as: 'questionMarks', maxLength: 5 }, 'ab...'],
  ['ab😀d', { maxLength: 4 }, 'ab…'],
  ['a  \n  b', { maxLength: 3 }, 'a b'],
])('of %j, no more is shown than has room (%j)', (text, options, expected) => {
  expect(printable(text, options)).toBe(expected)
})

test('a text is 300 characters long at most unless said otherwise', () => {
  expect(printable('x'.repeat(10_000))).toHaveLength(300)
  expect(printable('x'.repeat(10_000), { maxLength: Infinity })).toHaveLength(10_000)
})
