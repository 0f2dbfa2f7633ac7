import type { SharedBundles } from '../../trust/sharedBundles.ts'
import { ByPod } from '../byPod.ts'
import { NodeBundles } from './nodeBundles.ts'
import type { MountState } from './mountState.ts'
import type { Slots } from '../slots.ts'
import type { MountedSide } from '../svid.ts'
import type { FileSide } from '../svidCopy.ts'

/** A volume of a pod. */
export interface VolumeName {
  readonly podUid: string
  readonly volume: string
}

/** NodeFindings holds the findings about the files of one node. */
export class NodeFindings {
  readonly #node: string
  readonly #slots: Slots
  readonly #sides = new ByPod<MountedSide>(({ volume }) => volume)
  readonly #bundles: NodeBundles
  /** A trust bundle was refused, because there was no room for it. */
  hasRefusedBundle = false
  /** The volumes of pods on other nodes. Nothing else of their findings is kept. */
  readonly refused = new ByPod<VolumeName>(({ volume }) => volume)
  /** The volumes in the present listing; undefined while there is none. */
  #listed: Set<string> | undefined

  constructor(node: string, slots: Slots, shared: SharedBundles) {
    this.#node = node
    this.#slots = slots
    this.#bundles = new NodeBundles(shared)
  }

  get sides(): Pick<ByPod<MountedSide>, 'all' | 'get' | 'has' | 'getAll' | 'podUids' | 'size'> {
    return this.#sides
  }

  /** Returns whether the trust bundle is kept, too, if there is one: a node has few different ones. */
  set({ podUid, volume }: VolumeName, file: Omit<FileSide, 'slot'> & MountState, isGone: boolean): boolean {
    const before = this.#sides.get(podUid, volume)
    const slot = before?.slot ?? this.#slots.take()
    const bundle = this.#bundles.replace(before, file)
    // V8 puts what a spread adds into a second object. A scrape would have to fetch that from memory for each SVID.
    const { mountBirthMs, verdict, bundle: told, ...rest } = file
    const node = this.#node
    this.#sides.set(podUid, { node, podUid, volume, slot, isGone, mountBirthMs, verdict, bundle, ...rest })
    return told === undefined || bundle !== undefined
  }

  delete(podUid: string, volume: string): void {
    const side = this.#sides.get(podUid, volume)
    if (side === undefined) return
    this.#sides.delete(podUid, volume)
    this.#slots.free(side.slot)
    this.#bundles.replace(side, undefined)
  }

  /** Reports whether the node role tells everything anew, so that what has changed may have changed out of sight. */
  get isListing(): boolean {
    return this.#listed !== undefined
  }

  beginListing(): void {
    this.#listed = new Set()
  }

  /** Marks a volume as listed, if there is a listing. */
  markListed(name: VolumeName): void {
    this.#listed?.add(keyOf(name))
  }

  /** Ends the listing. Returns the known volumes that it did not have. */
  endListing(): readonly VolumeName[] {
    const listed = this.#listed
    this.#listed = undefined
    return listed ? [...this.#sides.all(), ...this.refused.all()].filter((name) => !listed.has(keyOf(name))) : []
  }
}

const keyOf = ({ podUid, volume }: VolumeName): string => `${podUid}/${volume}`
