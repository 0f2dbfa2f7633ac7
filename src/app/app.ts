import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { reloadGrace } from '../config/reloadWithin.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import { knownAgentsOf, svidAgentsOf } from './agents.ts'
import { startJournals } from './journals.ts'
import type { AppOptions } from './options.ts'
import { messageOf } from '../errors.ts'
import { Diagnoses } from '../diagnosis/diagnoses.ts'
import type { Log } from '../log/log.ts'
import type { KubernetesClient } from '../kubernetes/client.ts'
import { Ledger } from '../ledger/ledger.ts'
import type { ProcessReadings } from '../metrics/processReadings.ts'
import { createMetrics } from '../metrics/scrape.ts'
import type { BuildInfo } from '../metrics/collectors/self.ts'
import { offeredFindings } from './offeredFindings.ts'
import { createPersistence } from './persistence.ts'
import { sourcesOf } from './roles.ts'
import type { Role } from '../role.ts'
import { createServers, type Servers } from '../server/servers.ts'
import { startTraces } from './traces.ts'
import { startWatching } from './watching.ts'

/** A running svidwatch. */
export interface App extends Omit<Servers, 'close'> {
  /** Stops everything within 5 s, after a last commit. */
  close(): Promise<void>
}

/**
 * Starts svidwatch: sources report to the ledger, outputs read the ledger. Resolves once it listens. Throws only if it cannot
 * listen; a source that cannot start is reported as trouble.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, roles, clock, files, log } = options
  const sources = sourcesOf(roles, config)
  const ledger = ledgerFor(config, sources, clock)
  const diagnoses = new Diagnoses(ledger, clock)
  const persistence = createPersistence({ ...options, sources }, ledger)
  const findings = offeredFindings(options, ledger)
  const traces = isNodeRole(roles) ? undefined : await startTraces(options, ledger, diagnoses)
  startJournals({ ...options, sources, diagnoses }, ledger, traces)
  const build: BuildInfo = { version: options.version, nodeVersion: process.version, roles }
  const processReadings = await measuredProcess(roles)
  const startedMs = clock.monotonicMs()
  const waitingFor = () => ledger.sources().flatMap(({ source, concluded }) => (concluded ? [] : [source]))

  const servers = await createServers({
    ...config.server,
    address: config.server.address ?? options.address ?? 'loopback',
    ledger,
    clock,
    log,
    build,
    findings,
    diagnoses: isNodeRole(roles) ? undefined : diagnoses,
    metrics: createMetrics({
      ledger,
      diagnoses,
      clock,
      build,
      sources,
      limits: { maxSeries: config.limits.series },
      ...(processReadings && { processReadings }),
      ...(persistence && { checkpoint: persistence.status }),
      ...(findings && { findings: findings.tally }),
      ...(traces && { spans: traces.counts, exemplars: traces.exemplars }),
      onCollectorError: (family, error) =>
        log.error({ event: 'collector_error', family }, `${family}: ${messageOf(error)}`),
    }),
    readiness: {
      ready: () => waitingFor().length === 0 || clock.monotonicMs() - startedMs >= config.readiness.deadlineMs,
      waitingFor,
    },
  })

  const watching = startWatching({
    ...{ config, clock, files, sources, persistence, podRoute: options.podRoute },
    report: ledger.report,
    forgetOld: () => ledger.forgetOld(),
    client: () => clientOf(options),
    resumeFrom: (namespace) => (persistence ? ledger.countedUntil(namespace) : undefined),
    remembered: (trustDomain) => ledger.rememberedBundle(trustDomain),
  })
  const stopped = new AbortController()
  const judging = isNodeRole(roles) ? undefined : diagnoses.run(stopped.signal, judgingFailed(log))
  const close = async (): Promise<void> => {
    stopped.abort()
    await Promise.all([watching.close(), judging])
    await Promise.all([servers.close(), traces?.close()])
    options.client?.close()
  }
  let closing: Promise<void> | undefined
  return { ...servers, close: () => (closing ??= close()) }
}

/** A pure node role exports only its own health. */
const isNodeRole = (roles: readonly Role[]): boolean => roles.every((role) => role === 'node')

const judgingFailed = (log: Log) => (error: unknown) =>
  log.error({ event: 'judging_failed' }, `the problems are those of an earlier moment: ${messageOf(error)}`)

/** Loads prom-client's process metrics, except in a pure node role, which saves their memory. */
async function measuredProcess(roles: readonly Role[]): Promise<ProcessReadings | undefined> {
  if (isNodeRole(roles)) return undefined
  const { measureProcess } = await import('../metrics/processReadings.ts')
  return measureProcess()
}

function clientOf({ client, roles }: AppOptions): KubernetesClient {
  if (client === undefined) throw new Error(`the roles ${roles.join(', ')} need a client of the API server`)
  return client
}

function ledgerFor(config: Config, sources: readonly SourceName[], clock: Clock): Ledger {
  return new Ledger({
    clock,
    sources,
    maxIssuers: config.limits.issuers,
    agents: knownAgentsOf(config).map(({ name }) => name),
    svidAgents: svidAgentsOf(config),
    namespaces: config.kubernetes.namespaces,
    trustBundleNames: config.trustBundles.names,
    reloadGraceMs: reloadGrace(config.servedSvids.reloadWithin),
    renewal: {
      drivers: new Map(config.drivers.map(({ name, renewal }) => [name, renewal])),
      files: new Map(config.files.map(({ certificate, renewal }) => [certificate, renewal])),
    },
  })
}
