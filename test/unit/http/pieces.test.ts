import { expect, test } from 'vitest'
import { Pieces } from '../../../src/http/pieces.ts'
import { heapBytes } from '../../support/heap.ts'

test.each([
  ['short', [1, 2, 3, 70_000, 5, 16_384, 16_383]],
  ['long', [100_000, 20_000, 1]],
  ['single', [17_000]],
  ['no', []],
])('the bytes are those of the %s pieces, also a second time', (_, sizes) => {
  const gathered = new Pieces()
  for (const first of [0, 100]) {
    const pieces = sizes.map((size, index) => Buffer.alloc(size, first + index))
    pieces.forEach((piece) => gathered.append(piece))
    expect(gathered.bytes().equals(Buffer.concat(pieces))).toBe(true)
    expect(gathered.length).toBe(Buffer.concat(pieces).length)
    gathered.clear()
  }
})

test('many pieces of one byte take little more memory than one piece of all bytes', async () => {
  const count = 500_000
  const gathered = new Pieces()
  const before = await heapBytes()
  for (let index = 0; index < count; index += 1) gathered.append(Buffer.alloc(1, index))
  const forByte = ((await heapBytes()) - before) / count
  const kept = Array.from({ length: count }, (_, index) => Buffer.alloc(1, index))
  const forBuffer = ((await heapBytes()) - before) / count - forByte
  expect([gathered.length, kept.length]).toEqual([count, count])
  // A Buffer of its own takes about a hundred bytes.
  expect(forByte).toBeLessThan(forBuffer / 10)
})
