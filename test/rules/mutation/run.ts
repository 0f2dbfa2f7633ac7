/**
 * How much of what could be wrong in the rules their tests catch: makes each mutant of each rule, and runs the scenarios until
 * one fails. `npm run test:rules:mutation -- TEXT` takes only those whose name has TEXT in it, or
 * whose group has that name.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rulesText } from '../../../tools/docs/rulesFile.ts'
import { testRules } from '../promtool.ts'
import { testFile, type Scenario } from '../scenario.ts'
import { scenariosOf } from '../scenarios/all.ts'
import { equivalent } from './equivalent.ts'
import { allMutants, type Mutant } from './mutants.ts'

const batch = 12

/** Scenarios that can stand in one file, a few at a time. */
const batchesOf = (scenarios: readonly Scenario[]): (readonly Scenario[])[] =>
  Object.values(Object.groupBy(scenarios, ({ evaluation }) => evaluation ?? 0)).flatMap((all = []) =>
    Array.from({ length: Math.ceil(all.length / batch) }, (_, index) => all.slice(index * batch, (index + 1) * batch)),
  )

/** What has caught a mutant is tried first on the next one. */
const batches = new Map(Object.entries(scenariosOf).map(([group, all]) => [group, batchesOf(all)]))

function isCaught({ group }: Mutant, folder: string): boolean {
  const rules = join(folder, 'rules.yaml')
  writeFileSync(rules, rulesText([group]))
  const alerts = group.rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : []))
  const all = batches.get(group.name) ?? []
  const catching = all.find((some) => !testRules(testFile(rules, some, (alert) => alerts.includes(alert))).ok)
  if (catching) batches.set(group.name, [catching, ...all.filter((some) => some !== catching)])
  return catching !== undefined
}

function main(wanted: string): void {
  const tell = (line: string) => process.stdout.write(`${line}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'))
  const chosen = allMutants().filter(({ name, group }) => name.includes(wanted) || group.name === wanted)
  const run = chosen.filter(({ name }) => !equivalent.some((one) => one.mutants.test(name)))
  let survivors = 0
  try {
    for (const mutant of run) {
      if (isCaught(mutant, folder)) continue
      survivors += 1
      tell(`survives: ${mutant.name}`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  tell(`${run.length - survivors} of ${run.length} mutants caught; ${chosen.length - run.length} more are equivalent`)
  process.exitCode = survivors === 0 ? 0 : 1
}

main(process.argv[2] ?? '')
