/**
 * `npm run bench:sizes -- [SIZE ...]`: whether the memory that the chart gives the cluster role is enough for the SVIDs of each size
 * when all of them miss their renewal at once. Issued and mounted copies are known, and Prometheus scrapes. Ends with 1 if it is not.
 */
import { bytesOf } from '../support/shippedContainer.ts'
import { sizes, v8BoundsOf, type Size } from '../support/sizes.ts'
import { heard, startChild } from './childProcess.ts'
import { endProbe } from './probe.ts'
import type { Outage } from './probes/outage.ts'
import { shippedEnvironment } from './program.ts'

const mebibyte = 2 ** 20
const wanted = process.argv.slice(2)
/** What the program needs beside what is measured: connections, answers and lists under way. */
const reserveShare = 0.1

async function measure(size: Size): Promise<Outage> {
  Object.assign(process.env, shippedEnvironment('cluster'))
  const child = startChild('probes/outage.ts', [size.svids], v8BoundsOf(size))
  const outage = await heard<Outage>(child)
  await endProbe(child)
  return outage
}

let failed = false
for (const [name, size] of Object.entries(sizes)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { healthyPeakBytes, peakBytes, diagnoses } = await measure(size)
  const isEnough = peakBytes <= (1 - reserveShare) * bytesOf(size.limit) && diagnoses >= size.svids
  failed ||= !isEnough
  const mib = (bytes: number) => `${(bytes / mebibyte).toFixed(0)} MiB`
  process.stdout.write(
    `${name}: ${size.svids} SVIDs: at most ${mib(healthyPeakBytes)} while all is well, ${mib(peakBytes)} since all have missed their renewal, of ${size.limit}: ${isEnough ? 'enough' : 'too much'}\n`,
  )
}
process.exitCode = failed ? 1 : 0
