/**
 * `events.ts KUBECONFIG`: svidwatch follows the API server and is scraped. It says `{ url }` when it has listed everything; told
 * `{ until }`, it says what it has seen up to this resourceVersion, and at what cost.
 */
import { once } from 'node:events'
import { systemClock as clock } from '../../../src/clock.ts'
import { createLog } from '../../../src/log/log.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import { createServers } from '../../../src/server/servers.ts'
import { metricsOf } from '../expositions.ts'
import { scrapeOver } from '../httpScrape.ts'
import { tell } from '../probe.ts'
import { untilListed, watchCluster } from '../watchedCluster.ts'

/** When the ledger had taken a resourceVersion in: from then on a scrape shows it. */
export type Seen = readonly [resourceVersion: number, atMs: number]

export interface Followed {
  readonly seen: readonly Seen[]
  /** From when everything was listed. */
  readonly cpuMs: number
}

const sources = ['certificateRequests', 'pods'] as const
const seen: Seen[] = []
/** How often a list of one of the two sources has begun. */
let lists = 0

function versionOf(observation: Observation): string | undefined {
  if (observation.kind === 'request') return observation.request.resourceVersion
  return observation.kind === 'requestDeleted' ? observation.resourceVersion : undefined
}

const { ledger } = watchCluster({
  clock,
  kubeconfig: process.argv[2] ?? '',
  sources,
  through: (report) => (observation) => {
    report(observation)
    if (observation.kind === 'listing') lists += 1
    const version = versionOf(observation)
    if (version !== undefined) seen.push([Number(version), clock.now()])
  },
})
await untilListed(ledger, clock)
seen.length = 0

const { url } = await createServers({
  ledger,
  metrics: metricsOf(ledger, clock),
  readiness: { ready: () => true, waitingFor: () => [] },
  build: { version: '0.0.0', roles: ['cluster'] },
  clock,
  log: createLog({ level: 'warn', format: 'json', clock }),
  address: '127.0.0.1',
  port: 0,
  probePort: 0,
})
process.once('disconnect', () => process.exit())
// The first scrape makes what later ones find made.
await scrapeOver(url, 'gzip')
const before = process.cpuUsage()
tell({ url })
const [{ until }] = (await once(process, 'message')) as [{ until: number }]
while ((seen.at(-1)?.[0] ?? 0) < until) {
  if (lists > sources.length)
    throw new Error('a watch has broken off: what it had not seen yet is lost to the measurement')
  await clock.sleep(20)
}
const { user, system } = process.cpuUsage(before)
tell({ seen, cpuMs: (user + system) / 1000 } satisfies Followed)
