import type { Clock } from '../../clock.ts'
import { Objects, type Listed } from '../objects.ts'
import type { HistoryStep, SourceName, WatchedPart } from '../sight/observations.ts'
import type { BundleCopyObservation, BundleObjectObservation, TrustStep } from './observations.ts'
import type { SharedBundles } from './sharedBundles.ts'

/** One copy of a trust bundle in the API, in its newest version. Equal bundles are one object. */
export interface KnownCopy extends Omit<BundleCopyObservation, 'writtenMs'> {
  /** Since when it has this content, as far as is known, ms since the Unix epoch. */
  readonly sinceMs: number
}

/** The copies of one watch: those of one name, in all namespaces or in one. */
class Copies extends Objects<KnownCopy> {
  readonly #shared: SharedBundles

  constructor(shared: SharedBundles) {
    super()
    this.#shared = shared
  }

  /** Takes a copy whose bundle is shared. */
  override upsert(copy: KnownCopy): void {
    this.#release(this.get(copy.uid))
    super.upsert(copy)
  }

  override delete(uid: string): void {
    this.#release(this.get(uid))
    super.delete(uid)
  }

  #release(copy: KnownCopy | undefined): void {
    if (copy && 'bundle' in copy.content) this.#shared.release(copy.content.bundle)
  }
}

export interface BundleObjectsOptions {
  readonly clock: Pick<Clock, 'now'>
  readonly shared: SharedBundles
  /** The namespaces that sources watch one by one; undefined if they watch the whole cluster. */
  readonly namespaces?: readonly string[] | undefined
}

/**
 * BundleObjects holds the objects of the API that hold or distribute trust bundles. Each watch of ConfigMaps lists those of one name, so
 * that a listing says nothing of the others.
 */
export class BundleObjects {
  readonly #clock: Pick<Clock, 'now'>
  readonly #shared: SharedBundles
  readonly #isByNamespace: boolean
  readonly #bundles = {
    Bundle: new Objects<BundleObjectObservation>(),
    ClusterBundle: new Objects<BundleObjectObservation>(),
  }
  readonly #clusterTrustBundles: Copies
  readonly #configMaps = new Map<string, Copies>()

  constructor({ clock, shared, namespaces }: BundleObjectsOptions) {
    this.#clock = clock
    this.#shared = shared
    this.#isByNamespace = namespaces !== undefined
    this.#clusterTrustBundles = new Copies(shared)
  }

  take(step: TrustStep): void {
    switch (step.kind) {
      case 'bundleObject':
        return this.#bundles[step.object.api].upsert(step.object)
      case 'bundleObjectDeleted':
        return Object.values(this.#bundles).forEach((objects) => objects.delete(step.uid))
      case 'bundleCopy':
        return this.#takeCopy(step.copy)
      case 'bundleCopyDeleted':
        return [this.#clusterTrustBundles, ...this.#configMaps.values()].forEach((copies) => copies.delete(step.uid))
    }
  }

  /** Takes a step of a list. Returns whether it is one of objects that are held here. */
  history(step: HistoryStep): boolean {
    const objects = this.#listedBy(step)
    if (step.kind === 'listing') objects?.beginListing()
    else if (step.kind === 'listed') objects?.endListing()
    else if (step.kind === 'unread') objects?.keep(step.uid)
    return objects !== undefined
  }

  /** Returns the objects of trust-manager. */
  *bundles(): Iterable<BundleObjectObservation> {
    for (const objects of Object.values(this.#bundles)) yield* objects.all()
  }

  /** Returns the copies of trust bundles. */
  *copies(): Iterable<KnownCopy> {
    yield* this.#clusterTrustBundles.all()
    for (const copies of this.#configMaps.values()) yield* copies.all()
  }

  #takeCopy({ writtenMs, ...copy }: BundleCopyObservation): void {
    const { uid, name, namespace } = copy
    const copies = namespace === '' ? this.#clusterTrustBundles : this.#configMapsOf({ namespace, name })
    const content = 'bundle' in copy.content ? { bundle: this.#shared.take(copy.content.bundle) } : copy.content
    const nowMs = this.#clock.now()
    const before = copies.get(uid)
    const sinceMs = before && isSame(before.content, content) ? before.sinceMs : Math.min(writtenMs ?? nowMs, nowMs)
    copies.upsert({ uid, name, namespace, content, sinceMs })
  }

  /** Returns the objects that a source lists, as far as a part goes; undefined if they are not held here. */
  #listedBy({ source, ...part }: { readonly source: SourceName } & WatchedPart): Listed | undefined {
    switch (source) {
      case 'trustManagerBundles':
        return this.#bundles.Bundle
      case 'trustManagerClusterBundles':
        return this.#bundles.ClusterBundle
      case 'clusterTrustBundles':
        return this.#clusterTrustBundles
      case 'trustBundles':
        return this.#configMapsOf(part)
      default:
        return undefined
    }
  }

  #configMapsOf({ namespace, name = '' }: WatchedPart): Copies {
    const key = this.#isByNamespace ? `${namespace}/${name}` : name
    const copies = this.#configMaps.get(key) ?? new Copies(this.#shared)
    this.#configMaps.set(key, copies)
    return copies
  }
}

/** Reports whether two contents are the same. Equal bundles are one object. */
const isSame = (one: KnownCopy['content'], other: KnownCopy['content']): boolean =>
  'bundle' in one && 'bundle' in other
    ? one.bundle === other.bundle
    : 'problem' in one && 'problem' in other && one.problem === other.problem
