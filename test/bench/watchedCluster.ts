import type { Clock } from '../../src/clock.ts'
import type { Config } from '../../src/config/config.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { createClientFromText } from '../../src/kubernetes/client.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { Report } from '../../src/ledger/observations.ts'
import type { SourceName } from '../../src/ledger/sight/observations.ts'
import { startWatching } from '../../src/app/watching.ts'
import { realFiles } from '../support/realFiles.ts'

export interface WatchedCluster {
  readonly ledger: Ledger
  close(): Promise<void>
}

export interface WatchedClusterOptions {
  readonly clock: Clock
  readonly kubeconfig: string
  readonly sources: readonly SourceName[]
  /** YAML; without it, all defaults. */
  readonly settings?: string
  /** Stands between the sources and the ledger. */
  readonly through?: (report: Report) => Report
}

/** The sources of the cluster role over an API server, and the ledger that they report to. */
export function watchCluster(options: WatchedClusterOptions): WatchedCluster {
  const { clock, kubeconfig, sources, settings, through = (report: Report) => report } = options
  const config = configFrom(settings)
  const client = createClientFromText(kubeconfig, clock)
  const ledger = new Ledger({ clock, sources, maxIssuers: config.limits.issuers })
  const watching = startWatching({
    config,
    clock,
    files: realFiles,
    sources,
    report: through(ledger.report),
    forgetOld: () => ledger.forgetOld(),
    persistence: undefined,
    client: () => client,
    resumeFrom: () => undefined,
    remembered: () => undefined,
  })
  return {
    ledger,
    close: async () => {
      await watching.close()
      client.close()
    },
  }
}

/** Resolves when every source has seen all that there is. */
export async function untilListed(ledger: Ledger, clock: Clock): Promise<void> {
  while (!ledger.sources().every(({ up }) => up)) await clock.sleep(20)
}

export function configFrom(settings: string | undefined): Config {
  const result = resolveConfig(settings, 'the settings of the bench')
  if ('problems' in result) throw new Error(result.problems.join('\n'))
  return result.config
}
