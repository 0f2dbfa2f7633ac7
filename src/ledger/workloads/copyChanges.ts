import type { Followers } from '../changes.ts'
import type { ServedSide } from './served/servedSide.ts'
import { servedLabels } from './copyLabels.ts'
import { issuerOf, labelsOf, type KnownPod, type MountedSide, type Svid } from './svid.ts'
import type { SvidCopy } from './svidCopy.ts'

/** CopyChanges notifies the followers of the ledger of copies of SVIDs that have changed. */
export class CopyChanges {
  readonly #followers: Followers

  constructor(followers: Followers) {
    this.#followers = followers
  }

  get areFollowed(): boolean {
    return this.#followers.has('copy')
  }

  /** The pod is known for the first time, with its SVIDs. */
  added(pod: KnownPod): void {
    for (const svid of pod.svids) {
      this.issued(pod, svid)
      this.mounted(pod, svid, undefined)
    }
  }

  /** Another SVID was issued. */
  issued({ hasLeft }: KnownPod, { place, issued: side }: Svid): void {
    const issued = side?.issued
    if (!issued || hasLeft || !this.areFollowed) return
    this.#followers.notify('copy', { labels: labelsOf(issued, place, issued.issuer, 'issued'), svid: issued.svid })
  }

  /** Notifies if the SVID or the problem of the mounted side differs from `before`. */
  mounted({ hasLeft }: KnownPod, svid: Svid, before: MountedSide | undefined): void {
    const { mounted } = svid
    if (hasLeft || !this.areFollowed || isSame(before, mounted)) return
    if (mounted?.copy) this.#notifyMounted(svid, mounted.copy, mounted)
    else if (before?.copy) this.#notifyMounted(svid, before.copy, undefined)
  }

  /** Notifies if the served SVID differs from `before`. */
  served({ hasLeft }: KnownPod, svid: Svid, before: ServedSide | undefined): void {
    const { served } = svid
    if (hasLeft || !this.areFollowed || before?.copy.svid.fingerprint === served?.copy.svid.fingerprint) return
    if (served) this.#notifyServed(svid, served, true)
    else if (before) this.#notifyServed(svid, before, false)
  }

  /** The issuer of the SVID has changed or has become known. The labels of the mounted copy name it. */
  issuer({ hasLeft }: KnownPod, svid: Svid): void {
    const { mounted } = svid
    if (!hasLeft && this.areFollowed && mounted?.copy) this.#notifyMounted(svid, mounted.copy, mounted)
  }

  /** The copies of the pod leave the views, once: the pod has ended, should have stopped long ago, or is deleted. */
  gone(pod: KnownPod | undefined): void {
    if (pod === undefined || pod.hasLeft) return
    pod.hasLeft = true
    if (!this.areFollowed) return
    for (const svid of pod.svids) {
      const { place, issued: side, mounted, served } = svid
      const issued = side?.issued
      if (issued) this.#followers.notify('copy', { labels: labelsOf(issued, place, issued.issuer, 'issued') })
      if (mounted?.copy) this.#notifyMounted(svid, mounted.copy, undefined)
      if (served) this.#notifyServed(svid, served, false)
    }
  }

  #notifyServed(svid: Svid, { copy }: ServedSide, isThere: boolean): void {
    this.#followers.notify('copy', { labels: servedLabels(svid, copy), ...(isThere && { svid: copy.svid }) })
  }

  /** Without `now`, the copy is gone. */
  #notifyMounted({ place, issued }: Svid, copy: SvidCopy, now: MountedSide | undefined): void {
    const labels = labelsOf(copy, place, issuerOf(issued), 'mounted')
    const problem = now?.problem
    this.#followers.notify('copy', { labels, ...(now && { svid: copy.svid }), ...(problem && { problem }) })
  }
}

/** Reports whether two sides have the same SVID. */
export const isSameCopy = (one: MountedSide | undefined, other: MountedSide | undefined): boolean =>
  one?.copy?.svid.fingerprint === other?.copy?.svid.fingerprint

const isSame = (before: MountedSide | undefined, after: MountedSide | undefined): boolean =>
  isSameCopy(before, after) && before?.problem === after?.problem
