/**
 * `npm run bench:leak -- --workloads 100000 --hours 2 --speed 10`: whether svidwatch grows while workloads come and go. The
 * cluster role as it is in production runs in this process, on a clock that runs `speed` times as fast as real time; another
 * process simulates the API server, scrapes all along, and at each sample compares what is exposed with the truth. Fails
 * where they differ, or where something is left behind of what is gone.
 */
import { parseArgs } from 'node:util'
import { runLeak, type Sample } from './run.ts'
import { verdictOf } from './verdict.ts'

const { values } = parseArgs({
  options: {
    workloads: { type: 'string', default: '100000' },
    hours: { type: 'string', default: '2' },
    speed: { type: 'string', default: '10' },
    /** Sooner than an SVID of an hour has to be: in two hours every pod is to be replaced several times. */
    'renewal-minutes': { type: 'string', default: '20' },
    samples: { type: 'string', default: '25' },
  },
})

const say = (text: string) => process.stdout.write(`${text}\n`)
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`

const columns: Readonly<Record<string, (sample: Sample) => string | number>> = {
  minute: ({ minute }) => minute.toFixed(1),
  RSS: ({ rssBytes }) => mebibytes(rssBytes),
  heap: ({ heapBytes }) => mebibytes(heapBytes),
  objects: ({ objects }) => objects,
  workloads: ({ live }) => live,
  series: ({ series }) => series,
  issued: ({ issued }) => issued,
  denied: ({ denied }) => denied,
  scrape: ({ bytes }) => mebibytes(bytes),
  missed: ({ missed }) => missed,
  // By how much the simulated cluster does not keep pace: the speed is too high for this machine.
  late: ({ lateMs }) => `${(lateMs / 1000).toFixed(0)} s`,
}
const row = (cells: readonly (string | number)[]) => cells.map((cell) => String(cell).padStart(10)).join(' ')

say(row(Object.keys(columns)))
const samples: Sample[] = []
for await (const sample of runLeak({
  workloads: Number(values.workloads),
  minutes: Number(values.hours) * 60,
  renewalMinutes: Number(values['renewal-minutes']),
  speed: Number(values.speed),
  samples: Number(values.samples),
})) {
  samples.push(sample)
  say(row(Object.values(columns).map((cell) => cell(sample))))
}
const { trends, problems } = verdictOf(samples)
for (const trend of trends) say(trend)
for (const problem of problems) say(`WRONG: ${problem}`)
if (problems.length === 0) say('Every scrape that was compared shows the truth, and nothing is left behind.')
process.exitCode = problems.length === 0 ? 0 : 1
