import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { conditions } from './conditions.ts'
import type { FleetSpec } from './fleet.ts'
import { mixed, planOf } from './plan.ts'
import { Rules, shippedRules } from './rulesets.ts'
import { runAll } from './run.ts'
import { problemsOf } from './score/problems.ts'
import type { Scored } from './score/score.ts'

/** A small part of what `npm run paging` goes through: two fleets under each condition, which cost least. */
const specs = planOf({ seed: 4, scale: 0.3 })

async function outcome(rulesFile: string, chosen: readonly FleetSpec[]): Promise<readonly Scored[]> {
  return Array.fromAsync(runAll(new Rules(rulesFile), chosen, 2))
}

function cheapest(told: string): readonly FleetSpec[] {
  const possible = specs.filter((spec) => spec.told === told && spec.lifetime !== '5 min')
  const cheap = possible.toSorted((one, other) => other.intervalMs - one.intervalMs)
  return (['mounted', 'issued'] as const).flatMap((kind) => cheap.filter(({ knows }) => knows === kind).slice(0, 1))
}

test.each([...conditions.map(({ name }) => name), mixed])('pages rightly: %s', async (told) => {
  const scored = await outcome(shippedRules, cheapest(told))
  const trueOnes = scored.flatMap(({ judged }) => judged.shipped).filter(({ verdict }) => verdict === 'true')

  expect(scored.flatMap(problemsOf)).toEqual([])
  expect(trueOnes.length).toBeGreaterThan(10)
})

test('pages rightly for lifetimes of 5 minutes', async () => {
  const scored = await outcome(shippedRules, specs.filter(({ lifetime }) => lifetime === '5 min').slice(0, 3))

  expect(scored.flatMap(problemsOf)).toEqual([])
})

const due = 'spiffe_svid_renewal_due_timestamp_seconds'
const notAfter = 'spiffe_svid_not_after_timestamp_seconds'
const isNotUrgent = `${notAfter} - time() > 0.3 * (${notAfter} - ${due})`

test.each<[string, string, (missed: string) => string]>([
  [
    'too early',
    'false',
    () => `label_replace(max without (instance, job) (${due} <= time()), "code", "renewal_missed", "", "")`,
  ],
  ['too late', 'true', (missed) => `${missed} unless ignoring (code, instance, job) (${isNotUrgent})`],
])('finds out about rules that page %s', async (_, verdict, wrong) => {
  const problems = (await outcome(rulesWith(wrong), cheapest('nothing'))).flatMap(problemsOf)

  expect(problems.filter((problem) => problem.startsWith(`${verdict}: `)).length).toBeGreaterThan(5)
})

/** Writes the shipped rules with another expression for the missed renewals. Returns the path of the file. */
function rulesWith(wrong: (missed: string) => string): string {
  const rules = parse(readFileSync(shippedRules, 'utf8')) as {
    groups: { rules: { record?: string; expr: string }[] }[]
  }
  const missed = rules.groups
    .flatMap((group) => group.rules)
    .find(({ record }) => record === 'spiffe:svid_renewal_missed:since_timestamp_seconds')
  if (missed === undefined) throw new Error(`${shippedRules} does not record the missed renewals`)
  missed.expr = wrong(missed.expr)
  const path = join(mkdtempSync(join(tmpdir(), 'svidwatch-rules-')), 'rules.yaml')
  writeFileSync(path, stringify(rules))
  return path
}
