/**
 * How much of what could be wrong in the rules their tests catch: makes each mutant of each rule, and runs the scenarios until
 * one fails. `npm run test:rules:mutation -- TEXT` takes only those whose name has TEXT in it, or
 * whose group has that name.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rulesText } from '../../../alerts/ruleFile.ts'
import { ruleGroups } from '../../../alerts/all.ts'
import type { RuleGroup } from '../../../alerts/rule.ts'
import { runTestFile } from '../promtool.ts'
import { batchesOf, testFile } from '../scenario.ts'
import { scenariosOf } from '../scenarios/all.ts'
import { equivalent } from './equivalent.ts'
import { allMutants } from './mutants.ts'

/** How many scenarios stand in one file. */
const batch = 4

/** The rules that are tested, beside the files of their tests. */
const rulesFile = 'rules.yaml'

/** Writes the tests of a group into files, in the order of its scenarios. Returns their paths. */
function writeTests({ name, rules }: RuleGroup, folder: string): readonly string[] {
  const alerts = new Set(rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])))
  return batchesOf(scenariosOf[name] ?? [], batch).map((some, index) => {
    const path = join(folder, `${name}-${index}.yaml`)
    writeFileSync(
      path,
      testFile(rulesFile, some, (alert) => alerts.has(alert)),
    )
    return path
  })
}

/** The tests of one group. They are the same for all of its mutants. */
class GroupTests {
  readonly #folder: string
  readonly #paths: readonly string[]
  /** The shortest come first, and before them those that have caught something. */
  #order: readonly string[]

  constructor(group: RuleGroup, folder: string) {
    this.#folder = folder
    this.#paths = writeTests(group, folder)
    this.#order = this.#paths.toSorted((one, other) => statSync(one).size - statSync(other).size)
  }

  /** Reports whether the tests fail with these rules. */
  catches(group: RuleGroup): boolean {
    writeFileSync(join(this.#folder, rulesFile), rulesText([group]))
    const catching = this.#order.find((path) => !runTestFile(path).ok)
    if (catching !== undefined) this.#moveToFront(catching)
    return catching !== undefined
  }

  /** The next mutant is often caught by the same scenarios, or by variations of them, which are beside them. */
  #moveToFront(catching: string): void {
    const at = this.#paths.indexOf(catching)
    const first = [catching, ...this.#paths.slice(Math.max(0, at - 2), at + 3)]
    this.#order = [...new Set([...first, ...this.#order])]
  }
}

function main(wanted: string): void {
  const tell = (line: string) => process.stdout.write(`${line}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'))
  const chosen = allMutants().filter(({ name, group }) => name.includes(wanted) || group.name === wanted)
  const run = chosen.filter(({ name }) => !equivalent.some((one) => one.mutants.test(name)))
  let survivors = 0
  try {
    for (const shipped of ruleGroups) {
      const mutants = run.filter(({ group }) => group.name === shipped.name)
      if (mutants.length === 0) continue
      const tests = new GroupTests(shipped, folder)
      for (const { name, group } of mutants) {
        if (tests.catches(group)) continue
        survivors += 1
        tell(`survives: ${name}`)
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  tell(`${run.length - survivors} of ${run.length} mutants caught; ${chosen.length - run.length} more are equivalent`)
  process.exitCode = survivors === 0 ? 0 : 1
}

main(process.argv[2] ?? '')
