import type { SecureContext } from 'node:tls'
import type { Report } from '../../ledger/observations.ts'
import type { AuthoritiesOf } from './presented.ts'
import type { Prober } from './prober.ts'

/** What all targets share. */
export interface Probing {
  readonly prober: Prober
  /** The context of connections without a client certificate. */
  readonly context: SecureContext
  readonly report: Report
  readonly authoritiesOf: AuthoritiesOf
  readonly route: PodRoute
}

/** Returns where to connect to reach a port of the pod with this address. */
export type PodRoute = (address: string, port: number) => { readonly host: string; readonly port: number }

/** A target of probes. */
export interface Target {
  /** Names the target in messages. */
  readonly where: string
  /** Probes the target once, and reports the result. Rejects only because of a bug. */
  probe(): Promise<void>
}
