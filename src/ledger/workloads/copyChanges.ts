import type { Followers } from '../changes.ts'
import { issuerOf, labelsOf, type MountedSide, type Svid, type SvidCopy } from './svid.ts'

/** CopyChanges notifies the followers of the ledger of copies of SVIDs that have changed. */
export class CopyChanges {
  readonly #followers: Followers

  constructor(followers: Followers) {
    this.#followers = followers
  }

  get areFollowed(): boolean {
    return this.#followers.has('copy')
  }

  /** The SVID is known for the first time, with these copies. */
  added(svid: Svid): void {
    this.issued(svid)
    this.mounted(svid, undefined)
  }

  /** Another SVID was issued. */
  issued({ place, issued: side }: Svid): void {
    const issued = side?.issued
    if (!issued || !this.areFollowed) return
    this.#followers.notify('copy', { labels: labelsOf(issued, place, issued.issuer, 'issued'), svid: issued.svid })
  }

  /** Notifies if the SVID or the problem of the mounted side differs from `before`. */
  mounted(svid: Svid, before: MountedSide | undefined): void {
    const { mounted } = svid
    if (!this.areFollowed || isSame(before, mounted)) return
    if (mounted?.copy) this.#notifyMounted(svid, mounted.copy, mounted)
    else if (before?.copy) this.#notifyMounted(svid, before.copy, undefined)
  }

  /** The SVID is gone with its pod. */
  gone(svid: Svid): void {
    if (!this.areFollowed) return
    const { place, issued: side, mounted } = svid
    const issued = side?.issued
    if (issued) this.#followers.notify('copy', { labels: labelsOf(issued, place, issued.issuer, 'issued') })
    if (mounted?.copy) this.#notifyMounted(svid, mounted.copy, undefined)
  }

  /** Without `now`, the copy is gone. */
  #notifyMounted({ place, issued }: Svid, copy: SvidCopy, now: MountedSide | undefined): void {
    const labels = labelsOf(copy, place, issuerOf(issued), 'mounted')
    const problem = now?.problem
    this.#followers.notify('copy', { labels, ...(now && { svid: copy.svid }), ...(problem && { problem }) })
  }
}

const isSame = (before: MountedSide | undefined, after: MountedSide | undefined): boolean =>
  before?.copy?.svid.fingerprint === after?.copy?.svid.fingerprint && before?.problem === after?.problem
