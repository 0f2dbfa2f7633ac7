import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ruleGroupsFor } from '../../alerts/all.ts'
import { exportedLabels, type LabelNames } from '../../alerts/labelNames.ts'
import { rulesText } from '../../alerts/ruleFile.ts'
import { checkRules, shippedRulesForExported, testRules } from './promtool.ts'
import { batchesOf, testFile, type Scenario } from './scenario.ts'
import { scenarios } from './scenarios/all.ts'
import { exportedRules } from './scenarios/labels.ts'
import { scrapedWith } from './scraped.ts'

/** How many scenarios promtool runs at a time. Most of its time for a single one is its start. */
const batch = 16

/** Those that are about what is watched, not about how svidwatch is scraped. */
const ofWhatIsWatched = scenarios.filter(({ scraped }) => scraped === undefined)

const named = (some: readonly Scenario[]) =>
  batchesOf(some, batch).map((each) => [`${each[0]?.name} and ${each.length - 1} more`, each] as const)

describe('where labels are not honored, the rules for exported labels', () => {
  test('are right by promtool', () => {
    expect(checkRules(shippedRulesForExported)).toMatchObject({ ok: true })
  })

  test.each(named(ofWhatIsWatched))('say the same: %s', (_, some) => {
    const { ok, output } = testRules(testFile(shippedRulesForExported, some, undefined, scrapedWith(exportedLabels)))
    expect(ok, output).toBe(true)
  })

  test.each(exportedRules.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
    const { ok, output } = testRules(testFile(shippedRulesForExported, [scenario]))
    expect(ok, output).toBe(true)
  })
})

describe.each<LabelNames>([
  { cluster: 'k8s_cluster_name', exported: ['namespace', 'pod', 'node'] },
  { cluster: 'k8s_cluster_name', exported: [] },
])('for the cluster label $cluster and the exported labels $exported, the rules', (names) => {
  let folder: string
  let rules: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rules-'))
    rules = join(folder, 'rules.yaml')
    writeFileSync(rules, rulesText(ruleGroupsFor(names)))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** A part that has some of everything. */
  const some = ofWhatIsWatched.filter((_, index) => index % 8 === 0)

  test.each(named(some))('say the same: %s', (_, batch) => {
    const { ok, output } = testRules(testFile(rules, batch, undefined, scrapedWith(names)))
    expect(ok, output).toBe(true)
  })
})
