import type { Clock } from '../clock.ts'
import type { Follow, LedgerChanges } from '../ledger/changes.ts'
import type { Refusal, SightChange, TargetKind } from '../ledger/sight/view.ts'
import { BoundedLog } from './boundedLog.ts'
import type { Log } from './log.ts'

/** How log lines name a target. */
interface TargetWords {
  readonly subject: (name: string) => string
  /** The log field that holds the name of the target. */
  readonly field: string
  /** The message when the target is first seen; undefined where that is not logged. */
  readonly seen?: string
  /** The message when the target is seen again after trouble. */
  readonly found: string
}

const targets: Readonly<Record<TargetKind, TargetWords>> = {
  source: { subject: (name) => name, field: 'source', seen: 'watching', found: 'can be read again' },
  node: { subject: (name) => `node role of ${name}`, field: 'node', found: 'is heard again' },
  bundle: { subject: (name) => `bundle of ${name}`, field: 'trustDomain', found: 'is fetched again' },
}

/**
 * Logs what an operator needs to know of the sources: the beginning, change and end of trouble, refusals, and the messages of requests
 * that were denied or failed for a reason without a code.
 */
export class Journal {
  readonly #log: BoundedLog

  constructor(log: Log, clock: Clock, follow: Follow) {
    this.#log = new BoundedLog(log, clock)
    follow('sight', (change) => this.#sight(change))
    follow('refused', (refusal) => this.#refused(refusal))
    follow('unknownReason', (request) => this.#unknownReason(request))
  }

  #sight(change: SightChange): void {
    const { target, name } = change
    const { subject: subjectOf, field, seen, found } = targets[target]
    const subject = subjectOf(name)
    const write = (level: 'info' | 'warn', event: string, fields: Readonly<Record<string, string>>, message: string) =>
      this.#log.write(
        subject,
        level,
        { event: `${target}_${event}`, [field]: name, ...fields },
        `${subject}: ${message}`,
      )
    switch (change.is) {
      case 'lost': {
        const { reason, detail } = change
        return write('warn', 'trouble', { reason, detail }, detail)
      }
      case 'absent':
        return write('info', 'absent', {}, `is watched as soon as it is there: ${change.detail}`)
      case 'found':
        return write('info', 'contact', {}, found)
      case 'seen':
        return seen === undefined ? undefined : write('info', 'contact', {}, seen)
      case 'gone':
        return write('info', 'gone', {}, 'is gone')
    }
  }

  #unknownReason({ namespace, name, issuer, state, reason, message = '' }: LedgerChanges['unknownReason']): void {
    const request = `${namespace}/${name}`
    const fields = { event: 'unknown_reason', request, issuer, state, reason, detail: message }
    const words = `CertificateRequest ${request} to ${issuer}: ${state} for a reason that has no code: ${message}`
    const subject = `requests of ${namespace} that were ${state} for a reason that has no code`
    this.#log.write(subject, 'warn', fields, words)
  }

  #refused({ source, reason, where, detail }: Refusal): void {
    const fields = { event: 'rejected', source, reason, where, detail }
    this.#log.write(`refusals of ${source} (${reason})`, 'warn', fields, `${where}: ${detail}`)
  }
}
