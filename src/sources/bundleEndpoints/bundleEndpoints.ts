import type { Clock } from '../../clock.ts'
import type { FileCalls } from '../../files/fileCalls.ts'
import type { RememberedBundle } from '../../ledger/bundles/remembered.ts'
import type { Report } from '../../ledger/observations.ts'
import { loopSource } from '../loopSource.ts'
import type { Source } from '../source.ts'
import { chainOf, type ConfiguredEndpoint } from './configured.ts'
import { Endpoint } from './endpoint.ts'
import type { FetchedBundles } from './fetchedBundles.ts'
import { intervalMs } from './interval.ts'

export interface BundleEndpointsOptions {
  readonly clock: Clock
  readonly files: FileCalls
  readonly endpoints: readonly ConfiguredEndpoint[]
  /** Returns the newest bundle of a trust domain that an earlier process fetched. */
  readonly remembered: (trustDomain: string) => RememberedBundle | undefined
  /** Where the fetched bundles are kept, for those who verify with them. */
  readonly fetched?: FetchedBundles
}

/** Returns a source that fetches trust bundles from their bundle endpoints periodically (SPIFFE Federation). */
export function createBundleEndpoints({ endpoints, fetched = new Map(), ...context }: BundleEndpointsOptions): Source {
  const { clock } = context
  const fetchers = endpoints.map((endpoint) => new Endpoint({ ...context, endpoint, endpoints, fetched }))
  return loopSource(async (report, signal) => {
    for (const { trustDomain, url, profile } of endpoints) {
      report({ kind: 'bundleEndpoint', endpoint: { trustDomain, url, profile } })
    }
    for (const wave of inWaves(fetchers, ({ configured }) => chainOf(configured, endpoints).length)) {
      await Promise.all(wave.map((endpoint) => attempt(endpoint, report, signal)))
    }
    contact(report, signal)
    await Promise.all(fetchers.map((endpoint) => attemptForEver(endpoint, clock, report, signal)))
  })
}

async function attemptForEver(endpoint: Endpoint, clock: Clock, report: Report, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(intervalMs(endpoint.refreshHintMs, clock.random()), signal)
    await attempt(endpoint, report, signal)
    contact(report, signal)
  }
}

/** Reports that the source is working. How each endpoint answers is reported for that endpoint. */
function contact(report: Report, signal: AbortSignal): void {
  if (!signal.aborted) report({ kind: 'contact', source: 'bundleEndpoints' })
}

/** Fetches once and reports the outcome, unless `signal` has aborted. */
async function attempt(endpoint: Endpoint, report: Report, signal: AbortSignal): Promise<void> {
  const outcome = await endpoint.attempt(signal)
  if (!signal.aborted) report(outcome)
}

/** Groups items by depth, the smallest first, so that a bundle is fetched before the endpoints that are verified with it. */
function inWaves<Item>(items: readonly Item[], depthOf: (item: Item) => number): readonly Item[][] {
  return [...Map.groupBy(items, depthOf)].sort(([one], [other]) => one - other).map(([, wave]) => wave)
}
