import { expect, it } from 'vitest'
import { closedLabelText } from '../../../src/metrics/labelText.ts'
import { piecesOf, type Block } from '../../../src/metrics/textBlocks.ts'

const labels = Array.from({ length: 5000 }, (_, row) => closedLabelText(['pod'], [`web-${row}`]))
const rows: Block = { name: 'x', labels, ending: (row) => (row % 3 === 0 ? '' : `${row}\n`) }
const lines = labels.flatMap((_, row) => (row % 3 === 0 ? [] : [`x{pod="web-${row}"} ${row}\n`])).join('')

it('makes all of the text, in order, without the rows that have no value', () => {
  expect([...piecesOf(['a 1\n', rows, 'b 2\n', rows, 'c 3\n'])].join('')).toBe(`a 1\n${lines}b 2\n${lines}c 3\n`)
})

it('makes text only as it is asked for, in pieces of a bounded size', () => {
  const made: number[] = []
  const noted: Block = { ...rows, ending: (row) => `${made.push(row)}\n` }
  const pieces = piecesOf([noted, noted])[Symbol.iterator]()
  expect(made).toEqual([])
  const sizes: number[] = []
  for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
    sizes.push(next.value.length)
    expect(made.length).toBeLessThan(sizes.length * 2000)
  }
  expect(made).toHaveLength(2 * labels.length)
  expect(Math.max(...sizes)).toBeLessThan(40_000)
})

it('makes nothing of nothing', () => {
  expect([...piecesOf([])]).toEqual([])
})
