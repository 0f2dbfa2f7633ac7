import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { ruleGroupsFor } from '../../alerts/all.ts'
import { clashingLabels, exportedLabels, type LabelNames } from '../../alerts/labelNames.ts'
import { rulesText } from '../../alerts/ruleFile.ts'
import { checkRules, shippedRulesForExported, testRules } from './promtool.ts'
import { batchesOf, testFile, type Scenario } from './scenario.ts'
import { scenarios } from './scenarios/all.ts'
import { incidents } from './scenarios/incidents.ts'
import { exportedRules, inTwoNamespaces } from './scenarios/labels.ts'
import { scrapedWith } from './scraped.ts'

/** How many scenarios promtool runs at a time. */
const batch = 16
const timeout = 300_000

/** Those that are about what is watched, not about how svidwatch is scraped. */
const ofWhatIsWatched = scenarios.filter(({ scraped }) => scraped === undefined)

/**
 * All that say texts, all in which an alert goes on because it has fired before, and one in so many of the others. All of them again
 * would take minutes.
 */
const oneIn = (count: number) =>
  ofWhatIsWatched.filter(
    (scenario, index) => scenario.says !== undefined || incidents.includes(scenario) || index % count === 0,
  )

const named = (some: readonly Scenario[]) =>
  batchesOf(some, batch).map((each) => [`${each[0]?.name} and ${each.length - 1} more`, each] as const)

describe('where labels are not honored, the rules for exported labels', () => {
  test('are right by promtool', () => {
    expect(checkRules(shippedRulesForExported)).toMatchObject({ ok: true })
  })

  test.each(named(oneIn(3)))('say the same: %s', { timeout }, (_, some) => {
    const { ok, output } = testRules(testFile(shippedRulesForExported, some, undefined, scrapedWith(exportedLabels)))
    expect(ok, output).toBe(true)
  })

  test.each(exportedRules.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
    const { ok, output } = testRules(testFile(shippedRulesForExported, [scenario]))
    expect(ok, output).toBe(true)
  })
})

/** The rules as the Prometheus Operator evaluates them if it enforces the namespace of their object, as in OpenShift. */
function withEnforcedNamespace(file: string): string {
  const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { rules: { labels?: object }[] }[] }
  const enforced = ({ labels, ...rule }: { labels?: object }) => ({
    ...rule,
    labels: { ...labels, namespace: 'svidwatch' },
  })
  return stringify({ groups: groups.map((group) => ({ ...group, rules: group.rules.map(enforced) })) })
}

describe('where the namespace of rules is enforced', () => {
  it('has alerts about workloads of one name in two namespaces', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'rules-'))
    const rules = join(folder.path, 'rules.yaml')
    writeFileSync(rules, withEnforcedNamespace(shippedRulesForExported))
    const { ok, output } = testRules(testFile(rules, [inTwoNamespaces]))
    expect(ok, output).toBe(true)
  })
})

describe('for other names of labels, the rules', () => {
  const names: LabelNames = { cluster: 'k8s_cluster_name', exported: clashingLabels }
  let folder: string
  let rules: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rules-'))
    rules = join(folder, 'rules.yaml')
    writeFileSync(rules, rulesText(ruleGroupsFor(names)))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(named(oneIn(10)))('say the same: %s', { timeout }, (_, each) => {
    const { ok, output } = testRules(testFile(rules, each, undefined, scrapedWith(names)))
    expect(ok, output).toBe(true)
  })
})
