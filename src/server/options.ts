import type { Clock } from '../clock.ts'
import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import type { FindingsView, LedgerView } from '../ledger/view.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/scrape.ts'
import type { TokenVerifier } from '../nodeStream/tokens.ts'
import type { FindingsTally } from './findingsTally.ts'
import type { ListenOn } from './listening.ts'

/** Reports whether svidwatch is ready to be scraped. */
export interface Readiness {
  ready(): boolean
  /** Returns the sources whose first attempt has not ended yet. */
  waitingFor(): readonly string[]
}

/** What the findings route needs: the findings of this node role, the check of tokens, and the counts of followers and refusals. */
export interface FindingsOffer {
  readonly view: FindingsView
  readonly verifier: TokenVerifier
  readonly tally: FindingsTally
}

export interface ServersOptions {
  readonly ledger: LedgerView
  /** If undefined, problems are not served. */
  readonly diagnoses?: DiagnosesView | undefined
  readonly metrics: Metrics
  readonly readiness: Readiness
  /** If undefined, the findings are not offered. */
  readonly findings?: FindingsOffer | undefined
  /** The version and the roles of this process. */
  readonly build: { readonly version: string; readonly roles: readonly string[] }
  readonly clock: Clock
  readonly log: Log
  readonly address: ListenOn
  /** The ports of /metrics and the API, and of the probes; 0 picks a free port. */
  readonly port: number
  readonly probePort: number
}
