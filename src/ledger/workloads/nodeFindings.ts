import { ByPod } from './byPod.ts'
import type { Slots } from './slots.ts'
import type { FileSide, MountedSide } from './svid.ts'

/** A volume of a pod. */
export interface VolumeName {
  readonly podUid: string
  readonly volume: string
}

/** What is told of the files of one node. */
export class NodeFindings {
  readonly #node: string
  readonly #slots: Slots
  readonly #sides = new ByPod<MountedSide>(({ volume }) => volume)
  /** What it tells of pods that are elsewhere. Nothing is kept but that it does. */
  readonly refused = new ByPod<VolumeName>(({ volume }) => volume)
  #seen: Set<string> | undefined

  constructor(node: string, slots: Slots) {
    this.#node = node
    this.#slots = slots
  }

  /** What was found. */
  get sides(): Pick<ByPod<MountedSide>, 'all' | 'get' | 'has' | 'of' | 'podUids' | 'size'> {
    return this.#sides
  }

  /** Takes in how a volume's file is now. */
  set({ podUid, volume }: VolumeName, file: Omit<FileSide, 'slot'>, isGone: boolean): void {
    const slot = this.#sides.get(podUid, volume)?.slot ?? this.#slots.take()
    this.#sides.set(podUid, { node: this.#node, podUid, volume, slot, isGone, ...file })
  }

  delete(podUid: string, volume: string): void {
    const side = this.#sides.get(podUid, volume)
    if (side === undefined) return
    this.#sides.delete(podUid, volume)
    this.#slots.free(side.slot)
  }

  beginListing(): void {
    this.#seen = new Set()
  }

  /** Told in the listing that is under way, if one is. */
  see(name: VolumeName): void {
    this.#seen?.add(keyOf(name))
  }

  /** Ends the listing; hands out what did not come again. */
  endListing(): readonly VolumeName[] {
    const seen = this.#seen
    this.#seen = undefined
    return seen ? [...this.#sides.all(), ...this.refused.all()].filter((name) => !seen.has(keyOf(name))) : []
  }
}

const keyOf = ({ podUid, volume }: VolumeName): string => `${podUid}/${volume}`
