import type { Report } from '../../ledger/observations.ts'
import type { TroubleReason } from '../../ledger/sight/reasons.ts'
import { printable } from '../../text/printable.ts'

/** Reports contact with the node role of one node each time, and trouble when it differs from the last. */
export class Standing {
  /** Resolves after the first contact or trouble, or when `conclude` is called. */
  readonly concluded: Promise<void>
  readonly conclude: () => void
  readonly #node: string
  readonly #report: Report
  /** The trouble that was reported last; undefined after contact. */
  #lastTrouble: string | undefined
  #isSeen = false

  constructor(node: string, report: Report) {
    this.#node = node
    this.#report = report
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.concluded = promise
    this.conclude = () => resolve(undefined)
  }

  /** Must be called when the node role reports that it sees its node's files. */
  contact(): void {
    this.#isSeen = true
    this.#lastTrouble = undefined
    this.#report({ kind: 'nodeContact', node: this.#node })
    this.conclude()
  }

  /** Must be called for any other line: it is contact too if the node role saw its node's files before. */
  lineReceived(): void {
    if (this.#isSeen) this.contact()
  }

  trouble(reason: TroubleReason, text: string): void {
    this.#isSeen = false
    const detail = printable(text)
    const trouble = `${reason} ${detail}`
    if (trouble !== this.#lastTrouble) this.#report({ kind: 'nodeTrouble', node: this.#node, reason, detail })
    this.#lastTrouble = trouble
    this.conclude()
  }
}
