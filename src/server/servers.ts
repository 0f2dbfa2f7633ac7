import type { Clock } from '../clock.ts'
import type { LedgerView } from '../ledger/view.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/scrape.ts'
import { createHttp } from './http.ts'
import { addIndex } from './indexRoute.ts'
import { listen } from './listening.ts'
import { addMetrics } from './metricsRoute.ts'
import { addProbes } from './probes.ts'
import { addStatus } from './statusRoute.ts'
import { addSvids } from './svidsRoute.ts'

/** Whether svidwatch is ready to be scraped. */
export interface Readiness {
  ready(): boolean
  /** The sources whose first attempt has not concluded. */
  waitingFor(): readonly string[]
}

export interface ServersOptions {
  readonly ledger: LedgerView
  readonly metrics: Metrics
  readonly readiness: Readiness
  /** What runs. */
  readonly build: { readonly version: string; readonly roles: readonly string[] }
  readonly clock: Clock
  readonly log: Log
  /** An IP address. */
  readonly address: string
  /** The port of /metrics and the API, and that of the probes; 0 is any free one. */
  readonly port: number
  readonly probePort: number
}

export interface Servers {
  /** Where this machine reaches /metrics and the API, and the probes. */
  readonly url: string
  readonly probeUrl: string
  /** Resolves within a second, whatever clients do. */
  close(): Promise<void>
}

/** Serves /metrics and the API on one port, the probes on another. Throws where one of them cannot be had. */
export async function createServers(options: ServersOptions): Promise<Servers> {
  const { address, port, probePort, clock, log } = options
  const mainHttp = createHttp(log)
  addIndex(mainHttp, options)
  addMetrics(mainHttp, options)
  addSvids(mainHttp, options)
  addStatus(mainHttp, options)
  const probeHttp = createHttp(log)
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
