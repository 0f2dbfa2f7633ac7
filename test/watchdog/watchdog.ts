/**
 * `npm run watchdog -- SEED COUNT`: whether the watchdog restarts only what a restart heals, and all of it. Incidents with known causes happen
 * to simulated clusters, while leaders die, API calls fail and what is seen arrives late; the judge knows what is true. Fails where a restart
 * is in vain beyond a canary, a cap is exceeded, a reservation has two effects, or a pod is not healed in time. `--mutants` drops each brake
 * in turn, and tells how many incidents go wrong without it; the unit tests catch them all.
 */
import { parseArgs } from 'node:util'
import { brakes } from '../../src/watchdog/brakes/brakes.ts'
import { decideWith, type Decide } from '../../src/watchdog/decide.ts'
import { simulate, type Outcome } from './incident.ts'
import { excusedShare, isWrong, storiesOf, tableOf } from './table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { mutants: { type: 'boolean', default: false } },
})
const [first = 1, count = 200] = positionals.map(Number)

const run = (decide?: Decide): readonly Outcome[] =>
  Array.from({ length: count }, (_, seed) => simulate(first * 1_000_000 + seed, decide))

const isTooMuch = (outcomes: readonly Outcome[]): boolean => outcomes.some(isWrong) || excusedShare(outcomes) > 0.01

if (values.mutants) {
  for (const dropped of brakes) {
    const outcomes = run(decideWith(brakes.filter((brake) => brake !== dropped)))
    const wrong = outcomes.filter(isWrong).length
    const excused = (100 * excusedShare(outcomes)).toFixed(2)
    process.stdout.write(
      `| ${dropped.reason} | ${wrong} | ${excused} % | ${isTooMuch(outcomes) ? 'caught' : 'not caught'} |\n`,
    )
  }
} else {
  const outcomes = run()
  process.stdout.write(
    `${tableOf(outcomes)}\n\nexcused: ${(100 * excusedShare(outcomes)).toFixed(2)} % of all restarts\n`,
  )
  if (outcomes.some(isWrong)) process.stdout.write(`\n${storiesOf(outcomes)}\n`)
  process.exitCode = isTooMuch(outcomes) || count < 1 ? 1 : 0
}
