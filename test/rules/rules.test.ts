import { expect, test } from 'vitest'
import { checkRules, shippedRules, testRules } from './promtool.ts'
import { testFile } from './scenario.ts'
import { scenarios } from './scenarios/all.ts'

test('promtool finds nothing wrong with the rules', () => {
  expect(checkRules(shippedRules)).toMatchObject({ ok: true })
})

test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
  const { ok, output } = testRules(testFile(shippedRules, [scenario]))
  expect(ok, output).toBe(true)
})
