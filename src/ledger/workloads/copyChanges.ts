import type { Followers } from '../changes.ts'
import { issuerOf, labelsOf, type MountedSide, type Svid } from './svid.ts'

/** Tells those who follow the ledger which copies of SVIDs have changed. */
export class CopyChanges {
  readonly #followers: Followers

  constructor(followers: Followers) {
    this.#followers = followers
  }

  get areFollowed(): boolean {
    return this.#followers.has('copy')
  }

  /** The SVID has come to be known with these copies. */
  known(svid: Svid): void {
    this.issued(svid)
    this.mounted(svid, undefined)
  }

  /** Another SVID was issued. */
  issued({ place, issued: side }: Svid): void {
    const issued = side?.issued
    if (!issued || !this.areFollowed) return
    this.#followers.tell('copy', { labels: labelsOf(issued, place, issued.issuer, 'issued'), svid: issued.svid })
  }

  /** The mounted copy is not what it was before, if it is not. */
  mounted({ place, issued, mounted }: Svid, before: MountedSide | undefined): void {
    const copy = mounted?.copy ?? before?.copy
    const isSame = before?.copy?.svid.fingerprint === mounted?.copy?.svid.fingerprint
    const problem = mounted?.problem
    if (!copy || !this.areFollowed || (isSame && before?.problem === problem)) return
    const labels = labelsOf(copy, place, issuerOf(issued), 'mounted')
    this.#followers.tell('copy', { labels, ...(mounted?.copy && { svid: copy.svid }), ...(problem && { problem }) })
  }

  /** The SVID is gone with its pod. */
  gone({ place, issued: side, mounted }: Svid): void {
    if (!this.areFollowed) return
    const issued = side?.issued
    if (issued) this.#followers.tell('copy', { labels: labelsOf(issued, place, issued.issuer, 'issued') })
    const copy = mounted?.copy
    if (copy) this.#followers.tell('copy', { labels: labelsOf(copy, place, issuerOf(side), 'mounted') })
  }
}
