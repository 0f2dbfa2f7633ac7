import { expect, it } from 'vitest'
import { pageText } from '../../../src/server/pageText.ts'

const item = (name: string) => ({ name })

it.each([
  [{}, [], {}],
  [{ counts: { critical: 1 } }, ['a', 'b "c"'], { continue: 'abc', total: 2 }],
])('a page is the JSON of its fields: %j', (before, views, after) => {
  const { value, done } = pageText({ before, views, item, after }).next()
  expect(done).toBe(true)
  expect(JSON.parse(String(value))).toEqual({ ...before, items: views.map(item), ...after })
})

it('a long page may be interrupted after each 32 items', () => {
  const rendered: string[] = []
  const views = Array.from({ length: 1_000 }, (_, index) => `web-${index}`)
  const page = pageText({ before: {}, views, item: (name) => ({ name, count: rendered.push(name) }), after: {} })
  let longest = 0
  for (let before = 0, step = page.next(); step.done !== true; before = rendered.length, step = page.next()) {
    longest = Math.max(longest, rendered.length - before)
  }
  expect([rendered.length, longest]).toEqual([1_000, 32])
})
