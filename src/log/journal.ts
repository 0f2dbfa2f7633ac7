import type { Clock } from '../clock.ts'
import type { Follow } from '../ledger/changes.ts'
import type { Refusal, SightChange, TargetKind } from '../ledger/sight/view.ts'
import { BoundedLog } from './boundedLog.ts'
import type { Log } from './log.ts'

/** How lines name a target of each kind, the field that has its name, and what they say when it is seen. */
const targets: Readonly<
  Record<TargetKind, { about: (name: string) => string; field: string; seen?: string; found: string }>
> = {
  source: { about: (name) => name, field: 'source', seen: 'watching', found: 'sees its system again' },
  node: { about: (name) => `node role of ${name}`, field: 'node', found: 'is heard again' },
  bundle: { about: (name) => `bundle of ${name}`, field: 'trustDomain', found: 'is fetched again' },
}

/** Writes down what an operator wants to read: trouble when it begins or its reason changes, its end, refusals. */
export class Journal {
  readonly #log: BoundedLog

  constructor(log: Log, clock: Clock, follow: Follow) {
    this.#log = new BoundedLog(log, clock)
    follow('sight', (change) => this.#sight(change))
    follow('refused', (refusal) => this.#refused(refusal))
  }

  #sight(change: SightChange): void {
    const { target, name } = change
    const { about, field, seen, found } = targets[target]
    const subject = about(name)
    const write = (level: 'info' | 'warn', event: string, more: Readonly<Record<string, string>>, message: string) =>
      this.#log.write(subject, level, { event: `${target}_${event}`, [field]: name, ...more }, `${subject}: ${message}`)
    switch (change.is) {
      case 'lost': {
        const { reason, detail } = change
        return write('warn', 'trouble', { reason, detail }, detail)
      }
      case 'found':
        return write('info', 'contact', {}, found)
      case 'seen':
        return seen === undefined ? undefined : write('info', 'contact', {}, seen)
      case 'gone':
        return write('info', 'gone', {}, 'is not offered any more')
    }
  }

  #refused({ source, reason, where, detail }: Refusal): void {
    const fields = { event: 'rejected', source, reason, where, detail }
    this.#log.write(`refusals of ${source} (${reason})`, 'warn', fields, `${where}: ${detail}`)
  }
}
