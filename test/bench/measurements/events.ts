import type { Figure } from '../figure.ts'
import { follow, latenciesMs, percentile } from '../follow.ts'
import { eventsPerRenewal } from '../renewals.ts'
import type { Task } from './measurement.ts'

/** No more events than the simulated API server keeps for who is slow: 10,000. */
const burst = { renew: 2_500, perSecond: 2_500 }
const steady = { perSecond: 500, seconds: 60, scrapeEveryMs: 5_000 }

/** Watch events in a world of some size: the most that one core can take, and how late they are at 500/s. */
export async function measureEvents({ api, profileInto }: Task): Promise<readonly Figure[]> {
  const server = await api()
  const busy = await follow(server, { renewing: burst, profileInto })
  const { perSecond, seconds, scrapeEveryMs } = steady
  const renew = (perSecond * seconds) / eventsPerRenewal
  const followed = await follow(server, { renewing: { renew, perSecond }, scrapeEveryMs })
  const latencies = latenciesMs(followed)
  const late = `from the API server's write to the ledger, at ${perSecond} events/s`
  return [
    {
      name: 'watch events that one core can take',
      unit: 'events/s',
      measured: busy.written.length / (busy.cpuMs / 1000),
      goal: 5_000,
    },
    { name: `${late}, p50`, unit: 'ms', measured: percentile(latencies, 0.5) },
    { name: `${late}, p99`, unit: 'ms', measured: percentile(latencies, 0.99), goal: 250 },
    { name: `${late}, at most`, unit: 'ms', measured: percentile(latencies, 1) },
  ]
}
