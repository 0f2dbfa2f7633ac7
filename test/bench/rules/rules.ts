/**
 * `npm run bench:rules -- --workloads 35000 --minutes 5`: what the shipped rules cost a real Prometheus, once when all is well and
 * once while an issuer is down. The metrics are those of a real ledger. It needs `prometheus` on the PATH, and exits with 1 if a
 * goal is missed.
 */
import { availableParallelism, cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { shippedRules } from '../../notifications/support/shippedFiles.ts'
import { writePart } from '../writePart.ts'
import { measure } from './measure.ts'
import { linesOf, tableOf } from './verdict.ts'

const { values } = parseArgs({
  options: {
    workloads: { type: 'string', default: '35000' },
    minutes: { type: 'string', default: '5' },
    /** Another rule file to compare. */
    rules: { type: 'string', default: shippedRules },
    /** Puts the table into docs/performance.md. */
    write: { type: 'boolean', default: false },
  },
})

/** The size that the goal for memory is meant for, and the fewest workloads with which every cause exists. */
const [fullSize, smallest] = [35_000, 400]
/** The shortest run in which each group is evaluated twelve times. */
const shortestMinutes = 3

function number(name: 'workloads' | 'minutes', least: number): number {
  const value = Number(values[name])
  if (value >= least) return value
  throw new Error(`--${name} is "${values[name]}"; it must be a number, and at least ${least}`)
}

const workloads = Math.floor(number('workloads', smallest))
const minutes = number('minutes', shortestMinutes)
const say = (text: string) => process.stderr.write(`${text}\n`)
const options = { workloads, minutes, rulesFile: resolve(values.rules), say }

say(`all is well, ${workloads} workloads ...`)
const well = await measure('well', options)
say(`an issuer is down, ${workloads} workloads ...`)
const outage = await measure('outage', options)

const lines = linesOf({ well, outage }, workloads >= fullSize)
const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'})`
const report = `${workloads.toLocaleString('en')} workloads, ${minutes} minutes in each scene, ${machine}\n\n${tableOf(lines)}\n`
process.stdout.write(report)
if (values.write) await writePart(join(import.meta.dirname, '../../../docs/performance.md'), report, 'rules')
process.exitCode = lines.some(({ isGood }) => isGood === false) ? 1 : 0
