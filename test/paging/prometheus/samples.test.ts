import { expect, test } from 'vitest'
import { notation, readSamples, withTarget } from './samples.ts'

test.each([
  ['whole numbers that grow evenly', [10, 25, 40, 55], '10+15x3'],
  ['numbers that fall evenly', [40, 25, 10], '40-15x2'],
  ['a number that stays', [0.5, 0.5, 0.5], '0.5x2'],
  ['fractions, one by one', [0.1, 0.2, 0.3], '0.1 0.2 0.3'],
  ['steps without a sample', [undefined, 1, undefined, undefined, 2], '_ 1 _x2 2'],
  ['the end of a series', [7, 7, 'stale', undefined, 8], '7x1 stale _ 8'],
] as const)('writes %s', (_, column, expected) => {
  expect(notation([...column])).toBe(expected)
})

test('reads the samples of the wanted families only', () => {
  const text = '# HELP a A.\n# TYPE a gauge\na{b="c d"} 1.5\na 2\n# HELP e E.\n# TYPE e gauge\ne 3\n'
  const taken: [string, number][] = []

  readSamples(
    text,
    (family) => family === 'a',
    (...sample) => taken.push(sample),
  )

  expect(taken).toEqual([
    ['a{b="c d"}', 1.5],
    ['a', 2],
  ])
})

test('adds the labels of the target', () => {
  expect(['up', 'a{b="c"}'].map((series) => withTarget(series, 'job="x"'))).toEqual(['up{job="x"}', 'a{b="c",job="x"}'])
})
