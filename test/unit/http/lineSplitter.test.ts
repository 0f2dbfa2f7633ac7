import { expect, test } from 'vitest'
import { LineSplitter } from '../../../src/http/lineSplitter.ts'
import { TooLongError } from '../../../src/http/tooLongError.ts'

/** The lines of a stream that comes in these pieces. Of an overlong line, the head in brackets. */
function linesOf(pieces: readonly Buffer[], maxBytes: number, maxSkippedBytes = 1_000_000): string[] {
  const splitter = new LineSplitter(maxBytes, maxSkippedBytes)
  const lines = pieces.flatMap((piece) =>
    Array.from(splitter.split(piece), (line) => (typeof line === 'string' ? line : `[${line.head.toString()}]`)),
  )
  splitter.end()
  return lines
}

const inPiecesOf = (size: number, text: string): Buffer[] => {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}

test.each([1, 2, 3, 5, 7, 100])(
  'lines are the same in pieces of %i bytes, and an overlong one is known by its head',
  (size) => {
    const text = 'one\n\n12345678\n123456789\nä€\n123456789 and much more\nlast\n'
    expect(linesOf(inPiecesOf(size, text), 8)).toEqual([
      'one',
      '',
      '12345678',
      '[12345678]',
      'ä€',
      '[12345678]',
      'last',
    ])
  },
)

test.each([1, 1_000, 20_000, 100_000])('a long line is put together from pieces of %i bytes', (size) => {
  const line = Array.from({ length: 30_000 }, (_, i) => i).join(' ')
  expect(linesOf(inPiecesOf(size, `${line}\nshort\n${line}\n`), 1_000_000)).toEqual([line, 'short', line])
})

test('an overlong line is given up where it goes on for too long', () => {
  const pieces = Array.from({ length: 10 }, () => Buffer.from('123456789 '))
  expect(() => linesOf(pieces, 5, 99)).toThrow(TooLongError)
})

test.each(['one\ntw', '123456789', 'one\n123456789'])('the stream %j ends in the middle of a line', (text) => {
  expect(() => linesOf([Buffer.from(text)], 8)).toThrow('the stream ended in the middle of a line')
})
