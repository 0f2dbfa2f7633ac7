import type { Report } from '../../ledger/observations.ts'
import type { TroubleReason } from '../../ledger/sight/reasons.ts'
import { printable } from '../../text/printable.ts'

/** How it goes with the node role of one node. Every contact is reported, of trouble what is new. */
export class Standing {
  /** Resolves when it is known for the first time how it goes, or `conclude` is called. */
  readonly concluded: Promise<void>
  readonly conclude: () => void
  readonly #node: string
  readonly #report: Report
  /** The trouble that was reported last; undefined after a contact. */
  #trouble: string | undefined
  #isSeen = false

  constructor(node: string, report: Report) {
    this.#node = node
    this.#report = report
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.concluded = promise
    this.conclude = () => resolve(undefined)
  }

  /** The node role says that it sees its node's files. */
  contact(): void {
    this.#isSeen = true
    this.#trouble = undefined
    this.#report({ kind: 'nodeContact', node: this.#node })
    this.conclude()
  }

  /** The node role is heard: it goes on seeing the files if it saw them. */
  heard(): void {
    if (this.#isSeen) this.contact()
  }

  trouble(reason: TroubleReason, text: string): void {
    this.#isSeen = false
    const detail = printable(text)
    const trouble = `${reason} ${detail}`
    if (trouble !== this.#trouble) this.#report({ kind: 'nodeTrouble', node: this.#node, reason, detail })
    this.#trouble = trouble
    this.conclude()
  }
}
