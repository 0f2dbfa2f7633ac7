import { addFindings } from './findingsRoute.ts'
import { maxFollowers } from './findingsTally.ts'
import { createHttp, type HttpLimits } from './http.ts'
import { addIndex } from './indexRoute.ts'
import { addressesOf, listen } from './listening.ts'
import { addMetrics } from './metricsRoute.ts'
import { addProbes } from './probes.ts'
import type { ServersOptions } from './options.ts'
import { addProblems } from './problemsRoute.ts'
import { addStatus } from './statusRoute.ts'
import { addSvids } from './svidsRoute.ts'
import { UnreadAnswers } from './unreadAnswers.ts'
import { Walks } from './walks.ts'

export interface Servers {
  /** The URLs at which this machine reaches /metrics and the API, and the probes. */
  readonly url: string
  readonly probeUrl: string
  /** The addresses and ports that each server listens on. */
  readonly addresses: readonly string[]
  readonly probeAddresses: readonly string[]
  /** Closes both servers. Resolves within a second, whatever clients do. */
  close(): Promise<void>
}

/** A connection stays open for longer than the usual scrape interval, so that Prometheus can reuse it. */
const mainLimits: HttpLimits = { connections: 192, requestMs: 10_000, idleMs: 30_000, keepAliveMs: 90_000 }
/** Connections are short, so that clients that open many of them cannot lock the kubelet out. */
const probeLimits: HttpLimits = { connections: 256, requestMs: 2_000, idleMs: 2_000, keepAliveMs: 0 }

/** Serves /metrics and the API on one port, the probes on another. Throws a `SvidwatchError` if one of the ports cannot be opened. */
export async function createServers(options: ServersOptions): Promise<Servers> {
  const { address, port, probePort, clock, log, diagnoses, findings } = options
  const followers = findings === undefined ? 0 : maxFollowers
  const mainHttp = createHttp(log, clock, address, { ...mainLimits, connections: mainLimits.connections + followers })
  addIndex(mainHttp, options)
  const unread = new UnreadAnswers()
  const walks = new Walks(clock, unread)
  addMetrics(mainHttp, { ...options, unread })
  if (diagnoses !== undefined) addProblems(mainHttp, { diagnoses, walks })
  addSvids(mainHttp, { ...options, walks })
  addStatus(mainHttp, { ...options, walks })
  if (findings !== undefined) addFindings(mainHttp, { ...findings, clock, log })
  const probeHttp = createHttp(log, clock, address, probeLimits)
  addProbes(probeHttp, options.readiness)

  const where = { ...addressesOf(address), clock }
  const main = await listen(mainHttp, { ...where, port, setting: 'server.port' })
  const probes = await listen(probeHttp, { ...where, port: probePort, setting: 'server.probePort' }).catch(
    async (error: unknown) => {
      await main.close()
      throw error
    },
  )
  return {
    url: main.url,
    probeUrl: probes.url,
    addresses: main.addresses,
    probeAddresses: probes.addresses,
    close: async () => {
      await Promise.all([main.close(), probes.close()])
    },
  }
}
