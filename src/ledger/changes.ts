import type { ConcludedRequest } from './issuance/view.ts'
import type { SightChange, Refusal } from './sight/view.ts'
import type { Finding } from './workloads/observations.ts'
import type { CopyChange } from './workloads/view.ts'

/** What outputs can follow of the ledger, by the name of each kind of change. */
export interface LedgerChanges {
  /** A CertificateRequest has ended. It is told once, after its count is committed; at once where nothing is committed. */
  readonly concluded: ConcludedRequest
  /**
   * A copy of an SVID is another one than before, has other labels, can no longer be read, or is gone. It is gone once its pod
   * has ended or is deleted; where its pod should have stopped long ago, it is gone at the latest when the ledger forgets what is
   * out of date.
   */
  readonly copy: CopyChange
  /** A source, a node role or a bundle endpoint was found, lost, lost for another reason, or is gone. */
  readonly sight: SightChange
  /** One input was refused. */
  readonly refused: Refusal
  /** What this process itself finds on its node has changed. */
  readonly finding: Finding
}

export type ChangeKind = keyof LedgerChanges

/** Hears of the changes of one kind, in order, as they happen. It must not throw, and must not wait. */
export type ChangeListener<Kind extends ChangeKind> = (change: LedgerChanges[Kind]) => void

/** How an output follows the ledger. Returns what ends it. */
export type Follow = <Kind extends ChangeKind>(kind: Kind, listener: ChangeListener<Kind>) => () => void

/** Who follows which changes. Nothing is held for anybody: what nobody follows costs one look-up. */
export class Followers {
  readonly #listeners = new Map<ChangeKind, Set<ChangeListener<never>>>()

  readonly follow: Follow = (kind, listener) => {
    const listeners = this.#listeners.get(kind) ?? new Set()
    this.#listeners.set(kind, listeners.add(listener))
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) this.#listeners.delete(kind)
    }
  }

  /** Reports whether anybody follows changes of a kind, so that those of nobody's interest need not be made. */
  has(kind: ChangeKind): boolean {
    return this.#listeners.has(kind)
  }

  tell<Kind extends ChangeKind>(kind: Kind, change: LedgerChanges[Kind]): void {
    const listeners = this.#listeners.get(kind) as ReadonlySet<ChangeListener<Kind>> | undefined
    if (listeners !== undefined) for (const listener of listeners) listener(change)
  }
}
