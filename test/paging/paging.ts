/**
 * `npm run paging -- --seed 1`: whether the shipped rules page for what needs someone, and for nothing else. Fleets of simulated
 * workloads live through trouble; what svidwatch would export of them is evaluated by promtool under the shipped rules, and each
 * page is judged by what the workloads would suffer. `--scale 0.2` takes fewer workloads, `--only restart` the fleets under one
 * condition, `--rules FILE` evaluates other rules than the shipped ones, `--markdown` writes the table into docs/paging.md. Fails where a page is false, missing or late.
 */
import { parseArgs } from 'node:util'
import { writePart } from '../bench/writePart.ts'
import { planOf } from './plan.ts'
import { Rules, shippedRules } from './rulesets.ts'
import { runAll } from './run.ts'
import { problemsOf } from './score/problems.ts'
import type { Scored } from './score/score.ts'
import { summaryOf } from './score/summary.ts'
import { rowsOf, tableOf } from './score/table.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', multiple: true, default: ['1', '2', '3'] },
    scale: { type: 'string', default: '1' },
    rules: { type: 'string', default: shippedRules },
    only: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    markdown: { type: 'boolean', default: false },
  },
})

const specs = values.seed
  .flatMap((seed) => planOf({ seed: Number(seed), scale: Number(values.scale) }))
  .filter(({ told }) => values.only === undefined || told === values.only)
const all: Scored[] = []
let wrong = 0
for await (const scored of runAll(new Rules(values.rules), specs, Number(values.jobs))) {
  all.push(scored)
  const { spec } = scored.run
  const problems = problemsOf(scored)
  wrong += problems.length
  const windows = scored.judged.shipped.length
  process.stderr.write(
    `${all.length} of ${specs.length}: ${spec.told}, ${spec.lifetime} every ${spec.intervalMs / 1000} s, ${spec.knows}: ${windows} windows, ${problems.length} problems\n`,
  )
  for (const problem of problems.slice(0, 5)) process.stderr.write(`${problem}\n`)
}
const text = `${tableOf(rowsOf(all))}\n\n${summaryOf(all)}`
process.stdout.write(`${text}\n`)
if (values.markdown) await writePart('docs/paging.md', text, 'paging')
if (wrong > 0) process.stderr.write(`${wrong} problems\n`)
process.exitCode = wrong > 0 ? 1 : 0
