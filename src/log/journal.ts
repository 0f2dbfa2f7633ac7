import { BoundedLog } from './boundedLog.ts'
import type { Clock } from '../clock.ts'
import type { Observation, Report } from '../ledger/observations.ts'
import type { Log, LogFields } from './log.ts'

/** One input that was refused, by a source or by the ledger. */
type Rejection = Omit<Extract<Observation, { readonly kind: 'rejected' }>, 'kind'>

/** Why something cannot be seen at present. */
interface Trouble {
  readonly reason: string
  readonly detail: string
}

/** Writes down what an operator wants to read: trouble when it begins or its reason changes, its end, refusals. */
export class Journal {
  readonly #log: BoundedLog
  /** What is in trouble, with the reason. */
  readonly #troubled = new Map<string, string>()

  constructor(log: Log, clock: Clock) {
    this.#log = new BoundedLog(log, clock)
  }

  /** Passes observations on, written down. */
  journaled(report: Report): Report {
    return (observation) => {
      this.#write(observation)
      report(observation)
    }
  }

  /** Writes a refusal down: the ledger refuses too, besides the sources. */
  readonly refused = ({ source, reason, where, detail }: Rejection): void => {
    const fields = { event: 'rejected', source, reason, where, detail }
    this.#log.write(`refusals of ${source} (${reason})`, 'warn', fields, `${where}: ${detail}`)
  }

  #write(observation: Observation): void {
    switch (observation.kind) {
      case 'trouble': {
        const { source } = observation
        return this.#begin(source, 'source_trouble', { source }, observation)
      }
      case 'contact': {
        const { source } = observation
        if (!this.#end(source, 'source_contact', { source }, 'sees its system again'))
          this.#log.write(source, 'info', { event: 'source_contact', source }, `${source}: watching`)
        return
      }
      case 'nodeTrouble': {
        const { node } = observation
        return this.#begin(nodeRoleOf(node), 'node_trouble', { node }, observation)
      }
      case 'nodeContact': {
        const { node } = observation
        this.#end(nodeRoleOf(node), 'node_contact', { node }, 'is heard again')
        return
      }
      case 'nodeEndpointGone':
        return this.#nodeGone(observation.node)
      case 'bundleTrouble': {
        const { trustDomain } = observation
        return this.#begin(bundleOf(trustDomain), 'bundle_trouble', { trustDomain }, observation)
      }
      case 'bundle': {
        const { trustDomain } = observation
        this.#end(bundleOf(trustDomain), 'bundle_refreshed', { trustDomain }, 'is fetched again')
        return
      }
      case 'rejected':
        return this.refused(observation)
      default:
    }
  }

  /** Writes trouble down unless its reason is known already. */
  #begin(about: string, event: string, fields: LogFields, { reason, detail }: Trouble): void {
    if (this.#troubled.get(about) !== reason)
      this.#log.write(about, 'warn', { event, ...fields, reason, detail }, `${about}: ${detail}`)
    this.#troubled.set(about, reason)
  }

  /** Writes the end of trouble down; false where there was none. */
  #end(about: string, event: string, fields: LogFields, message: string): boolean {
    const ended = this.#troubled.delete(about)
    if (ended) this.#log.write(about, 'info', { event, ...fields }, `${about}: ${message}`)
    return ended
  }

  #nodeGone(node: string): void {
    const about = nodeRoleOf(node)
    this.#log.write(about, 'info', { event: 'node_endpoint_gone', node }, `${about}: offers no findings any more`)
    this.#troubled.delete(about)
  }
}

const nodeRoleOf = (node: string): string => `node role of ${node}`
const bundleOf = (trustDomain: string): string => `bundle of ${trustDomain}`
