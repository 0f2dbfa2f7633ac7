import type { RequestObservation } from './issuance/observations.ts'
import type { ConcludedRequest } from './issuance/view.ts'
import type { SightChange, Refusal } from './sight/view.ts'
import type { Finding } from './workloads/observations.ts'
import type { CopyChange, MountedSvid, PresentedSvid } from './workloads/view.ts'

/** The changes of the ledger that outputs can follow, by kind. */
export interface LedgerChanges {
  /** A CertificateRequest has ended. Comes once, after its count is committed, or at once where nothing is committed. */
  readonly concluded: ConcludedRequest
  /**
   * A CertificateRequest was seen for the first time, and its end had been counted before, or is not counted. An earlier process may
   * have told of it, or may have ended before it could.
   */
  readonly endedBefore: RequestObservation
  /** The SVID that was issued last for a volume is in its file, or is known to be. Comes once for each request. */
  readonly mounted: MountedSvid
  /**
   * A server presents the SVID that was issued last for a volume, which it did not before. SVIDs that were mounted before this process
   * began are left out, because an earlier process may have told of them.
   */
  readonly presented: PresentedSvid
  /**
   * A copy of an SVID was replaced, has other labels, can no longer be read, or is gone. It is gone once its pod has ended or is
   * deleted. If its pod should have stopped long ago, the copy is gone at the latest when the ledger forgets what is out of date.
   */
  readonly copy: CopyChange
  /** A source, a node role or a bundle endpoint can be seen, cannot be seen for a new reason, or is gone. */
  readonly sight: SightChange
  /** One input was refused. */
  readonly refused: Refusal
  /** What this process finds on its own node has changed. */
  readonly finding: Finding
}

export type ChangeKind = keyof LedgerChanges

/** Called for the changes of one kind, in order, as they happen. It must neither throw nor wait. */
export type ChangeListener<Kind extends ChangeKind> = (change: LedgerChanges[Kind]) => void

/** Follows the changes of one kind. Returns a function that stops following. */
export type Follow = <Kind extends ChangeKind>(kind: Kind, listener: ChangeListener<Kind>) => () => void

/** Followers passes changes to the listeners that follow them. Nothing is stored: a change without listeners costs one look-up. */
export class Followers {
  readonly #listeners = new Map<ChangeKind, Set<ChangeListener<never>>>()

  readonly follow: Follow = (kind, listener) => {
    const listeners = this.#listeners.get(kind) ?? new Set()
    this.#listeners.set(kind, listeners.add(listener))
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) this.#listeners.delete(kind)
    }
  }

  /** Reports whether there is a listener for a kind of change; if not, the caller need not make the change. */
  has(kind: ChangeKind): boolean {
    return this.#listeners.has(kind)
  }

  notify<Kind extends ChangeKind>(kind: Kind, change: LedgerChanges[Kind]): void {
    const listeners = this.#listeners.get(kind) as ReadonlySet<ChangeListener<Kind>> | undefined
    if (listeners !== undefined) for (const listener of listeners) listener(change)
  }
}
