import { ByPod } from './byPod.ts'
import type { MountedSide } from './workload.ts'

/** A volume of a pod. */
export interface VolumeName {
  readonly podUid: string
  readonly volume: string
}

/** What is told of the files of one node. */
export class NodeFindings {
  readonly sides = new ByPod<MountedSide>()
  /** What it tells of pods that are elsewhere. Nothing is kept but that it does. */
  readonly refused = new ByPod<VolumeName>()
  #seen: Set<string> | undefined

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
    return seen ? [...this.sides.all(), ...this.refused.all()].filter((name) => !seen.has(keyOf(name))) : []
  }
}

const keyOf = ({ podUid, volume }: VolumeName): string => `${podUid}/${volume}`
