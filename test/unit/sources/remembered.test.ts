import fc from 'fast-check'
import { expect, test } from 'vitest'
import { remembered } from '../../../src/sources/remembered.ts'

test('the results are those of the function, whatever texts come in whatever order', () => {
  const texts = fc.array(fc.constantFrom(...Array.from({ length: 20 }, (_, index) => `text ${index}`)), {
    maxLength: 200,
  })
  fc.assert(
    fc.property(texts, (asked) => {
      const upper = remembered((text) => text.toUpperCase())
      expect(asked.map(upper)).toEqual(asked.map((text) => text.toUpperCase()))
    }),
  )
})

test('a few texts that take turns are read once each', () => {
  const read: string[] = []
  const length = remembered((text) => {
    read.push(text)
    return text.length
  })
  for (let turn = 0; turn < 100; turn += 1) for (const text of ['one', 'two', 'three']) length(text)
  expect(read).toEqual(['one', 'two', 'three'])
})

test('a result of undefined is remembered as well', () => {
  let reads = 0
  const nothing = remembered(() => {
    reads += 1
    return undefined
  })
  expect([nothing('a'), nothing('a'), reads]).toEqual([undefined, undefined, 1])
})
