import type { Report } from '../../ledger/observations.ts'
import type { TroubleReason } from '../../ledger/sight/reasons.ts'
import { printable } from '../../text/printable.ts'

/** How it goes with the node role of one node. Only what is new is reported. */
export class Standing {
  /** Resolves when it is known for the first time how it goes, or `conclude` is called. */
  readonly concluded: Promise<void>
  readonly conclude: () => void
  readonly #node: string
  readonly #report: Report
  /** '' is contact; undefined: nothing has been said yet. */
  #said: string | undefined

  constructor(node: string, report: Report) {
    this.#node = node
    this.#report = report
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.concluded = promise
    this.conclude = () => resolve(undefined)
  }

  contact(): void {
    this.#say('', () => this.#report({ kind: 'nodeContact', node: this.#node }))
  }

  trouble(reason: TroubleReason, text: string): void {
    const detail = printable(text)
    this.#say(`${reason} ${detail}`, () => this.#report({ kind: 'nodeTrouble', node: this.#node, reason, detail }))
  }

  #say(said: string, report: () => void): void {
    if (said !== this.#said) report()
    this.#said = said
    this.conclude()
  }
}
