/**
 * How the cluster role follows many nodes: `npm run bench:nodes -- --nodes 1000 --svids 110`. The nodes and the API server are
 * simulated by a process of their own (simulatedCluster.ts); this one is the cluster role, all its sources and its ledger.
 */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock as clock } from '../../src/clock.ts'
import { createClientFromText } from '../../src/kubernetes/client.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { Observation } from '../../src/ledger/observations.ts'
import { sourcesOf } from '../../src/app/roles.ts'
import { startWatching } from '../../src/app/watching.ts'
import { heard, startChild } from './childProcess.ts'
import { percentile } from './follow.ts'
import { configFrom } from './watchedCluster.ts'
import { svidsOf } from '../support/ledgerReading.ts'
import { realFiles } from '../support/realFiles.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    svids: { type: 'string', default: '110' },
    'idle-seconds': { type: 'string', default: '30' },
    'renewal-seconds': { type: 'string', default: '60' },
  },
})
const all = Number(values.nodes) * Number(values.svids)
const idleMs = Number(values['idle-seconds']) * 1000
const renewMs = Number(values['renewal-seconds']) * 1000

/** What the process has used since it was asked last: share of a core, and the most memory. */
class Usage {
  #cpu = process.cpuUsage()
  #sinceMs = clock.now()
  #peakBytes = 0

  /** Samples the memory until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await clock.sleep(100, signal)) this.#sample()
  }

  take(): { readonly core: string; readonly peak: string; readonly seconds: string } {
    this.#sample()
    const { user, system } = process.cpuUsage(this.#cpu)
    const elapsedMs = clock.now() - this.#sinceMs
    const taken = {
      core: `${((user + system) / 10 / elapsedMs).toFixed(1)} % of a core`,
      peak: `${(this.#peakBytes / 2 ** 20).toFixed(0)} MiB`,
      seconds: `${(elapsedMs / 1000).toFixed(1)} s`,
    }
    this.#cpu = process.cpuUsage()
    this.#sinceMs = clock.now()
    this.#peakBytes = 0
    return taken
  }

  #sample(): void {
    this.#peakBytes = Math.max(this.#peakBytes, process.memoryUsage.rss())
  }
}

const folder = mkdtempSync(join(tmpdir(), 'svidwatch-bench-'))
const signingKey = join(folder, 'key.pem')
const { privateKey } = generateKeyPairSync('ed25519')
writeFileSync(signingKey, privateKey.export({ type: 'pkcs8', format: 'pem' }))

const cluster = startChild('simulatedCluster.ts', [values.nodes, values.svids])
const { kubeconfig } = await heard<{ kubeconfig: string }>(cluster)

const config = configFrom(JSON.stringify({ nodeFindings: { service: 'svidwatch/svidwatch-node', signingKey } }))
const client = createClientFromText(kubeconfig, clock)
const sources = sourcesOf(['cluster'], config)
const ledger = new Ledger({ clock, sources, maxIssuers: config.limits.issuers })
let latenciesMs: number[] = []
const report = (observation: Observation): void => {
  ledger.report(observation)
  if (observation.kind === 'mounted' && 'svid' in observation.mounted.reading) {
    latenciesMs.push(clock.now() - observation.mounted.reading.svid.notBeforeMs)
  }
}

const usage = new Usage()
const finished = new AbortController()
void usage.run(finished.signal)
const base = usage.take().peak
const watching = startWatching({
  config,
  clock,
  files: realFiles,
  sources,
  report,
  forgetOld: () => ledger.forgetOld(),
  persistence: undefined,
  client: () => client,
  resumeFrom: () => undefined,
  remembered: () => undefined,
})
const isComplete = () =>
  ledger.sources().every(({ up }) => up) &&
  [...ledger.nodeRoles()].filter(({ up, findings, refused }) => up && findings - refused === Number(values.svids))
    .length === Number(values.nodes)
while (!isComplete()) await clock.sleep(100)
const start = usage.take()
const shown = svidsOf(ledger).filter(({ labels }) => labels.namespace !== '').length
if (shown !== all) throw new Error(`${shown} SVIDs are shown with their pods, and not ${all}`)

await clock.sleep(5000)
usage.take()
await clock.sleep(idleMs)
const idle = usage.take()

latenciesMs = []
cluster.send({ renewMs })
const { renewed } = await heard<{ renewed: number }>(cluster)
while (latenciesMs.length < renewed) await clock.sleep(10)
const renewal = usage.take()
const sorted = latenciesMs.toSorted((one, other) => one - other)
const late = (share: number) => `${percentile(sorted, share)} ms`

const figures = {
  'nodes, SVIDs': `${values.nodes}, ${all}`,
  'memory before': base,
  'first complete picture after': start.seconds,
  'memory until then, at most': start.peak,
  'CPU until then': start.core,
  'CPU with heartbeats only': idle.core,
  'memory with heartbeats only': idle.peak,
  [`CPU while each SVID is renewed once in ${values['renewal-seconds']} s`]: renewal.core,
  'memory meanwhile, at most': renewal.peak,
  'from the node to the ledger, p50': late(0.5),
  'from the node to the ledger, p99': late(0.99),
  'from the node to the ledger, at most': late(1),
}
for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(50)}${value}\n`)

finished.abort()
await watching.close()
client.close()
cluster.disconnect()
rmSync(folder, { recursive: true })
