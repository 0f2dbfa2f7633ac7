import type { Figure } from '../figure.ts'
import { probe } from '../probe.ts'
import type { Judging } from '../probes/judging.ts'
import type { Task } from './measurement.ts'

/** So long, in ms, may judging hold the event loop at a stretch. */
const longestMs = 5

/** Judging of `size` workloads, healthy ones and those of a total outage. */
export async function measureJudging({ size, profileInto }: Task): Promise<readonly Figure[]> {
  const { result } = await probe<Judging>('judging.ts', [size], profileInto)
  const { healthy, outage, diagnoses, bytes } = result
  if (diagnoses < size) throw new Error(`an outage of ${size} workloads has ${diagnoses} diagnoses`)
  return [
    { name: 'judging of healthy workloads', unit: 'ms', of: 'all', measured: healthy.ms },
    { name: 'longest stretch of judging healthy workloads', unit: 'ms', measured: healthy.longestMs, goal: longestMs },
    { name: 'judging in a total outage', unit: 'ms', of: 'all', measured: outage.ms },
    { name: 'longest stretch of judging in a total outage', unit: 'ms', measured: outage.longestMs, goal: longestMs },
    { name: 'retained for each workload that has a problem', unit: 'bytes', of: 'each', measured: bytes / size },
  ]
}
