import type { Clock } from '../clock.ts'
import type { FindingsView, LedgerView } from '../ledger/view.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/scrape.ts'
import type { TokenVerifier } from '../nodeStream/tokens.ts'
import type { FindingsTally } from './findingsTally.ts'

/** Whether svidwatch is ready to be scraped. */
export interface Readiness {
  ready(): boolean
  /** The sources whose first attempt has not concluded. */
  waitingFor(): readonly string[]
}

/** What this process finds on its node, who may follow it, and how that goes. */
export interface FindingsOffer {
  readonly view: FindingsView
  readonly verifier: TokenVerifier
  readonly tally: FindingsTally
}

export interface ServersOptions {
  readonly ledger: LedgerView
  readonly metrics: Metrics
  readonly readiness: Readiness
  /** Undefined: nobody may follow. */
  readonly findings?: FindingsOffer | undefined
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
