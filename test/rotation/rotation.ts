/**
 * `npm run rotation -- --seed 1`: whether svidwatch tells right orders of a CA rotation from wrong ones. Simulated fleets live through each
 * order, and what svidwatch says is compared with every pair of an SVID and a trust bundle. `--workloads 1000` sets the size of all
 * fleets, which are drawn from 30 to 1,000 otherwise; `--only Secret` takes the orders whose names have this text. Fails where svidwatch
 * says something that is not true, or is silent.
 */
import { parseArgs } from 'node:util'
import { Chance } from '../paging/chance.ts'
import { allOrders } from './orders.ts'
import { runOrder, type Outcome } from './run.ts'
import { tableOf } from './table.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', multiple: true, default: ['1'] },
    workloads: { type: 'string' },
    only: { type: 'string', default: '' },
  },
})

const orders = allOrders.filter(({ name }) => name.includes(values.only))
const outcomes: Outcome[] = []
for (const seed of values.seed.map(Number)) {
  const chance = new Chance(seed)
  for (const order of orders) {
    const drawn = Math.round(30 * (1000 / 30) ** chance.random())
    const workloads = values.workloads === undefined ? drawn : Number(values.workloads)
    const outcome = await runOrder(order, { seed: chance.whole(1, 1_000_000_000), workloads })
    outcomes.push(outcome)
    for (const problem of outcome.wrong) process.stderr.write(`seed ${seed}, ${order.name}: ${problem}\n`)
  }
}
process.stdout.write(`${tableOf(outcomes)}\n`)
const wrong = outcomes.filter((outcome) => outcome.wrong.length > 0).length
process.stdout.write(`\n${wrong} of ${outcomes.length} wrong\n`)
process.exitCode = wrong > 0 || outcomes.length === 0 ? 1 : 0
