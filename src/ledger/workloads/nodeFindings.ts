import { ByPod } from './byPod.ts'
import type { Slots } from './slots.ts'
import type { FileSide, MountedSide } from './svid.ts'

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
  /** The volumes of pods on other nodes. Nothing else of their findings is kept. */
  readonly refused = new ByPod<VolumeName>(({ volume }) => volume)
  /** The volumes in the present listing; undefined while there is none. */
  #listed: Set<string> | undefined

  constructor(node: string, slots: Slots) {
    this.#node = node
    this.#slots = slots
  }

  get sides(): Pick<ByPod<MountedSide>, 'all' | 'get' | 'has' | 'getAll' | 'podUids' | 'size'> {
    return this.#sides
  }

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
