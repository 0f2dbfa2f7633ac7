import type { Clock } from '../clock.ts'
import type { Follow } from '../ledger/changes.ts'
import type { Refusal, SightChange, TargetKind } from '../ledger/sight/view.ts'
import { BoundedLog } from './boundedLog.ts'
import type { EventName } from './events.ts'
import type { EventFields, Log } from './log.ts'

type SightEvent = 'trouble' | 'absent' | 'contact' | 'gone'

/** Only nodes are ever gone, and only sources are absent. */
const eventOf = (target: TargetKind, event: SightEvent): EventName => `${target}_${event}` as EventName

/** How log lines name a target. */
interface TargetWords {
  readonly subject: (name: string) => string
  /** The log field that holds the name of the target. */
  readonly field: keyof EventFields
  /** The message when the target is first seen; undefined where that is not logged. */
  readonly seen?: string
  /** The message when the target is seen again after trouble. */
  readonly found: string
}

const targets: Readonly<Record<TargetKind, TargetWords>> = {
  source: { subject: (name) => name, field: 'source', seen: 'watching', found: 'can be read again' },
  node: { subject: (name) => `node role of ${name}`, field: 'node', found: 'is heard again' },
  bundle: { subject: (name) => `bundle of ${name}`, field: 'trust_domain', found: 'is fetched again' },
}

/** Logs what an operator needs to know of the sources: the beginning, change and end of trouble, and refusals. */
export class Journal {
  readonly #log: BoundedLog

  constructor(log: Log, clock: Clock, follow: Follow) {
    this.#log = new BoundedLog(log, clock)
    follow('sight', (change) => this.#sight(change))
    follow('refused', (refusal) => this.#refused(refusal))
  }

  #sight(change: SightChange): void {
    const { target, name } = change
    const { subject: subjectOf, field, seen, found } = targets[target]
    const subject = subjectOf(name)
    const named: EventFields = { [field]: name }
    const write = (level: 'info' | 'warn', event: SightEvent, fields: EventFields, message: string) =>
      this.#log.write(subject, level, { event: eventOf(target, event), ...named, ...fields }, `${subject}: ${message}`)
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

  #refused({ source, reason, where, detail }: Refusal): void {
    const fields = { event: 'rejected', source, reason, where, detail } as const
    this.#log.write(`refusals of ${source} (${reason})`, 'warn', fields, `${where}: ${detail}`)
  }
}
