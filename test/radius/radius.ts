/**
 * `npm run radius -- SEED COUNT`: whether the one thing that explains many problems is named rightly. Incidents with known causes happen
 * to simulated fleets, and the real diagnosis judges what svidwatch would know of them. `--stories` tells what happened in each. Fails
 * where a node or an issuer is named that is not the cause.
 */
import { parseArgs } from 'node:util'
import { simulate, type Outcome } from './incident.ts'
import { isWrong, storiesOf, tableOf } from './table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { stories: { type: 'boolean', default: false } },
})
const [first = 1, count = 500] = positionals.map(Number)
const outcomes: Outcome[] = []
for (let seed = 0; seed < count; seed += 1) outcomes.push(await simulate(first * 1_000_000 + seed))
process.stdout.write(`${tableOf(outcomes)}\n`)
if (values.stories) process.stdout.write(`${storiesOf(outcomes)}\n`)
process.exitCode = outcomes.some(isWrong) ? 1 : 0
