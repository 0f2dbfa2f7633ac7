/**
 * `npm run bench`: the figures that svidwatch is held to, each beside its anchor, as one table (docs/performance.md says how to
 * read it). Every measurement runs in fresh processes; the API server is simulated by another one.
 */
import { mkdirSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf } from '../../src/errors.ts'
import type { Figure } from './figure.ts'
import { measurements } from './measurements/all.ts'
import type { Task } from './measurements/measurement.ts'
import { startSimulatedApi, type SimulatedApi } from './simulatedApi.ts'
import { summaryOf, tableOf, type Row } from './table.ts'
import { writePart } from './writePart.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000' },
    only: { type: 'string', default: Object.keys(measurements).join(',') },
    /** The measurement of which profiles are written. */
    profile: { type: 'string' },
    'profile-into': { type: 'string', default: 'profiles' },
    /** Puts the table into docs/performance.md. */
    write: { type: 'boolean', default: false },
  },
})

/** The size that goals are meant for. */
const fullSize = 100_000

const page = join(import.meta.dirname, '../../docs/performance.md')
const say = (text: string) => process.stderr.write(`${text}\n`)

/** A measurement that fails costs no other one; the bench as a whole has then failed. */
async function figuresOf(name: string, task: Task): Promise<readonly Figure[]> {
  try {
    return (await measurements[name]?.measure(task)) ?? []
  } catch (thrown) {
    say(`${name}, ${task.size} objects: ${messageOf(thrown)}`)
    process.exitCode = 1
    return []
  }
}

/** The measurements of one size, or those that are made for one size only. */
async function measureAt(size: number, names: readonly string[]): Promise<readonly Row[]> {
  const rows: Row[] = []
  let started: Promise<SimulatedApi> | undefined
  const api = () => (started ??= startSimulatedApi(size))
  try {
    for (const name of names) {
      say(`${name}, ${size} objects ...`)
      const profileInto = name === values.profile ? values['profile-into'] : undefined
      const figures = await figuresOf(name, { size, api, profileInto })
      for (const figure of figures) say(`  ${summaryOf(figure)}`)
      const isFull = size === (measurements[name]?.size ?? fullSize)
      rows.push(...figures.map((figure) => ({ ...figure, size, isFull })))
    }
  } finally {
    void started?.then((server) => server.close())
  }
  return rows
}

function listed(text: string, known: (item: string) => boolean, what: string): readonly string[] {
  const items = text.split(',')
  const unknown = items.find((item) => !known(item))
  if (unknown === undefined) return items
  throw new Error(`"${unknown}" is no ${what}`)
}

const names = listed(values.profile ?? values.only, (name) => Object.hasOwn(measurements, name), 'measurement')
const sizes = listed(values.sizes, (size) => /^\d+000$/.test(size), 'size: it must be a multiple of 1000').map(Number)
if (values.profile !== undefined) mkdirSync(values['profile-into'], { recursive: true })

const rows: Row[] = []
const growing = names.filter((name) => measurements[name]?.size === undefined)
const largest = Math.max(...sizes)
for (const size of sizes)
  rows.push(
    ...(await measureAt(
      size,
      growing.filter((name) => size === largest || !measurements[name]?.largestOnly),
    )),
  )
for (const name of names) {
  const size = measurements[name]?.size
  if (size !== undefined) rows.push(...(await measureAt(size, [name])))
}

const machine = `Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'})`
const report = `${machine}\n\n${tableOf(rows)}\n`
process.stdout.write(report)
if (values.write) await writePart(page, report)
