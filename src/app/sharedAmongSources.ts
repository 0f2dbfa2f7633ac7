import type { Config } from '../config/config.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import type { FetchedBundles } from '../sources/bundleEndpoints/fetchedBundles.ts'
import { ProbedPods } from '../sources/servedSvids/probedPods.ts'

/** What one source learns and another one needs, so that nothing is watched twice. */
export interface SharedAmongSources {
  /** The pods to probe: `pods` tells of them, and `servedSvids` probes them. Undefined if no pods are probed. */
  readonly probedPods: ProbedPods | undefined
  /** The newest bundles that `bundleEndpoints` has fetched. */
  readonly fetchedBundles: FetchedBundles
}

/** Returns what the sources of a process share. */
export function sharedAmong(sources: readonly SourceName[], { servedSvids }: Config): SharedAmongSources {
  const probesPods = servedSvids.pods && sources.includes('pods') && sources.includes('servedSvids')
  return { probedPods: probesPods ? new ProbedPods() : undefined, fetchedBundles: new Map() }
}
