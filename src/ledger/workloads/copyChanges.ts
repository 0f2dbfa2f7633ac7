import type { Followers } from '../changes.ts'
import { issuerOf, labelsOf, type KnownPod, type MountedSide, type Svid, type SvidCopy } from './svid.ts'

/** Tells those who follow the ledger which copies of SVIDs have changed. */
export class CopyChanges {
  readonly #followers: Followers

  constructor(followers: Followers) {
    this.#followers = followers
  }

  get areFollowed(): boolean {
    return this.#followers.has('copy')
  }

  /** The pod has come to be known with its SVIDs. */
  known(pod: KnownPod): void {
    for (const svid of pod.svids) {
      this.issued(pod, svid)
      this.mounted(pod, svid, undefined)
    }
  }

  /** Another SVID was issued. */
  issued({ hasLeft }: KnownPod, { place, issued: side }: Svid): void {
    const issued = side?.issued
    if (!issued || hasLeft || !this.areFollowed) return
    this.#followers.tell('copy', { labels: labelsOf(issued, place, issued.issuer, 'issued'), svid: issued.svid })
  }

  /** The mounted copy is not what it was before, if it is not. */
  mounted({ hasLeft }: KnownPod, svid: Svid, before: MountedSide | undefined): void {
    const { mounted } = svid
    if (hasLeft || !this.areFollowed || isSame(before, mounted)) return
    if (mounted?.copy) this.#tellMounted(svid, mounted.copy, mounted)
    else if (before?.copy) this.#tellMounted(svid, before.copy, undefined)
  }

  /** Another issuer issues the SVID, or it is now known who does: the labels of the mounted copy are others. */
  issuer({ hasLeft }: KnownPod, svid: Svid): void {
    const { mounted } = svid
    if (!hasLeft && this.areFollowed && mounted?.copy) this.#tellMounted(svid, mounted.copy, mounted)
  }

  /** The copies of the pod leave the views: it has ended, should have long ago, or is deleted. They do so once. */
  gone(pod: KnownPod | undefined): void {
    if (pod === undefined || pod.hasLeft) return
    pod.hasLeft = true
    if (!this.areFollowed) return
    for (const svid of pod.svids) {
      const { place, issued: side, mounted } = svid
      const issued = side?.issued
      if (issued) this.#followers.tell('copy', { labels: labelsOf(issued, place, issued.issuer, 'issued') })
      if (mounted?.copy) this.#tellMounted(svid, mounted.copy, undefined)
    }
  }

  /** Without `now`, the copy is gone. */
  #tellMounted({ place, issued }: Svid, copy: SvidCopy, now: MountedSide | undefined): void {
    const labels = labelsOf(copy, place, issuerOf(issued), 'mounted')
    const problem = now?.problem
    this.#followers.tell('copy', { labels, ...(now && { svid: copy.svid }), ...(problem && { problem }) })
  }
}

/** Reports whether the same SVID is mounted as before, and can be read as well or badly. */
const isSame = (before: MountedSide | undefined, after: MountedSide | undefined): boolean =>
  before?.copy?.svid.fingerprint === after?.copy?.svid.fingerprint && before?.problem === after?.problem
