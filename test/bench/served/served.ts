/**
 * What it costs to probe the servers of many pods: `npm run bench:probes -- --targets 10000 --interval 60`. Two processes watch the same
 * pods at the same time, and one of them also probes them; the difference is what probes cost. Both have the memory of the smallest size
 * of the chart that is meant for so many SVIDs. The servers are a process of their own. Each target has an address of its own, and each
 * handshake is a full one. Ends with 1 if a goal is missed.
 */
import { parseArgs } from 'node:util'
import { sizes, v8BoundsOf } from '../../support/sizes.ts'
import { heard, startChild } from '../childProcess.ts'
import { endProbe } from '../probe.ts'
import { shippedEnvironment } from '../program.ts'
import type { Watched } from './watcher.ts'

const { values } = parseArgs({
  options: {
    targets: { type: 'string', default: '10000' },
    interval: { type: 'string', default: '60' },
    /** TLSv1.2 or TLSv1.3. */
    tls: { type: 'string', default: 'TLSv1.3' },
    /** The servers demand a client certificate, and the probes have none. */
    demands: { type: 'boolean', default: false },
  },
})
const targets = Number(values.targets)
/** Of a core, and MB. */
const goals = { cpu: 0.4, memory: 30 }

const size = Object.values(sizes).find(({ svids }) => targets <= svids)
if (size === undefined) throw new Error(`no size of the chart is meant for ${targets} SVIDs`)
const servers = startChild('served/tlsServer.ts', [values.tls, values.demands ? 'demands' : ''])
const { port, ca } = await heard<{ port: number; ca: string }>(servers)
Object.assign(process.env, shippedEnvironment('cluster'), { BENCH_AUTHORITY: ca })

const flags = ['--expose-gc', ...v8BoundsOf(size)]

/** Lets a process watch, which probes the servers at a port, or none at port 0. */
async function watch(serverPort: number): Promise<Watched> {
  const child = startChild('served/watcher.ts', [targets, Number(values.interval) * 1000, serverPort], flags)
  const watched = await heard<Watched>(child)
  await endProbe(child)
  return watched
}

const [without, probing] = await Promise.all([watch(0), watch(port)])
servers.disconnect()

const probes = Object.values(probing.outcomes).reduce((sum, each) => sum + each, 0)
const cpu = probing.cpuSeconds / probing.seconds - without.cpuSeconds / without.seconds
const mb = (bytes: (watched: Watched) => number): string =>
  `${(bytes(without) / 1e6).toFixed(0)} MB, ${(bytes(probing) / 1e6).toFixed(0)} MB: ${((bytes(probing) - bytes(without)) / 1e6).toFixed(0)} MB`
const memory = (probing.medianBytes - without.medianBytes) / 1e6
const figures = {
  'targets, interval, servers': `${targets}, ${values.interval} s, ${values.tls}${values.demands ? ' with client certificates' : ''}`,
  'probes in a second': (probes / probing.seconds).toFixed(0),
  outcomes: JSON.stringify(probing.outcomes),
  'CPU of probes': `${cpu.toFixed(3)} of a core (goal: ${goals.cpu})`,
  'CPU of one probe': `${((1000 * cpu * probing.seconds) / probes).toFixed(2)} ms`,
  [`RSS without and with probes, and the difference: median (goal: ${goals.memory} MB)`]: mb((one) => one.medianBytes),
  'the same: at most': mb((one) => one.mostBytes),
  'the same: alive after garbage collection': mb((one) => one.aliveBytes),
}
for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(82)}${value}\n`)
process.exitCode = cpu <= goals.cpu && memory <= goals.memory ? 0 : 1
