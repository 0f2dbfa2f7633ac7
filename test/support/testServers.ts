import { gzipSync } from 'node:zlib'
import { onTestFinished } from 'vitest'
import { systemClock, type Clock } from '../../src/clock.ts'
import type { LedgerView } from '../../src/ledger/view.ts'
import { createLog } from '../../src/log/log.ts'
import type { Metrics } from '../../src/metrics/scrape.ts'
import type { Readiness, ServersOptions } from '../../src/server/options.ts'
import { createServers, type Servers } from '../../src/server/servers.ts'
import { fakeLedger } from './fakeLedger.ts'

/** The dependencies of the servers that a test may replace. */
export interface TestServersOptions extends Partial<
  Pick<ServersOptions, 'address' | 'port' | 'probePort' | 'findings' | 'diagnoses'>
> {
  readonly ledger?: LedgerView
  readonly metrics?: Metrics
  readonly readiness?: Readiness
  /** The clock of the answers. Sockets use real time. */
  readonly nowMs?: number
  /** Another clock, which is also used for the deadlines of answers. */
  readonly clock?: Clock
}

export interface TestServers extends Servers {
  readonly logged: readonly Readonly<Record<string, unknown>>[]
  /** Returns the JSON answer to GET `path` on the main port. */
  readonly getJson: (path: string) => Promise<{ readonly status: number; readonly body: unknown }>
  readonly close: () => Promise<void>
}

/** Starts the real servers on free ports of this machine. They are closed after the test. */
export async function startTestServers(options: TestServersOptions = {}): Promise<TestServers> {
  const { nowMs = Date.UTC(2026, 10, 22, 12, 30), ...given } = options
  const clock = given.clock ?? { ...systemClock, now: () => nowMs }
  const logged: Readonly<Record<string, unknown>>[] = []
  const destination = { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) }
  const servers = await createServers({
    ledger: fakeLedger(),
    metrics: { scrape: () => Promise.resolve({ body: gzipSync('up 1\n'), contentType: 'text/plain' }) },
    readiness: { ready: () => true, waitingFor: () => [] },
    build: { version: '1.2.3', roles: ['cluster'] },
    clock,
    log: createLog({ level: 'debug', format: 'json', clock, destination }),
    address: '127.0.0.1',
    port: 0,
    probePort: 0,
    ...given,
  })
  onTestFinished(() => servers.close())
  return {
    ...servers,
    logged,
    getJson: async (path) => {
      const response = await fetch(servers.url + path)
      return { status: response.status, body: await response.json() }
    },
  }
}
