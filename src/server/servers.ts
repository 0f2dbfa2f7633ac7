import { addFindings } from './findingsRoute.ts'
import { createHttp, type HttpLimits } from './http.ts'
import { addIndex } from './indexRoute.ts'
import { listen } from './listening.ts'
import { addMetrics } from './metricsRoute.ts'
import { addProbes } from './probes.ts'
import type { ServersOptions } from './options.ts'
import { addStatus } from './statusRoute.ts'
import { addSvids } from './svidsRoute.ts'

export interface Servers {
  /** Where this machine reaches /metrics and the API, and the probes. */
  readonly url: string
  readonly probeUrl: string
  /** Resolves within a second, whatever clients do. */
  close(): Promise<void>
}

/** A connection stays open for longer than scrapes are apart, so that Prometheus keeps its own. */
const mainLimits: HttpLimits = { connections: 64, requestMs: 10_000, idleMs: 30_000, keepAliveMs: 90_000 }
/** Whoever opens connections for nothing must not keep the kubelet out: they are short. */
const probeLimits: HttpLimits = { connections: 256, requestMs: 2_000, idleMs: 2_000, keepAliveMs: 0 }

/** Serves /metrics and the API on one port, the probes on another. Throws where one of them cannot be had. */
export async function createServers(options: ServersOptions): Promise<Servers> {
  const { address, port, probePort, clock, log } = options
  const mainHttp = createHttp(log, clock, mainLimits)
  addIndex(mainHttp, options)
  addMetrics(mainHttp, options)
  addSvids(mainHttp, options)
  addStatus(mainHttp, options)
  if (options.findings !== undefined) addFindings(mainHttp, { ...options.findings, clock, log })
  const probeHttp = createHttp(log, clock, probeLimits)
  addProbes(probeHttp, options.readiness)

  const main = await listen(mainHttp, { address, port, clock, setting: 'server.port' })
  const probes = await listen(probeHttp, { address, port: probePort, clock, setting: 'server.probePort' }).catch(
    async (error: unknown) => {
      await main.close()
      throw error
    },
  )
  return {
    url: main.url,
    probeUrl: probes.url,
    close: async () => {
      await Promise.all([main.close(), probes.close()])
    },
  }
}
