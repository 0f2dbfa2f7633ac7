import type { RequestObservation } from '../../issuance/observations.ts'
import type { RequestedFor } from '../../issuance/view.ts'
import type { Pods } from '../pods.ts'
import type { IssuedSide } from '../svid.ts'

/** LastRequest notes whether the volume of the request that has changed last had an SVID before. */
export class LastRequest {
  #uid = ''
  #hadSvid = false

  /** The request `uid` is about to change the side. */
  note({ issued }: IssuedSide, uid: string): void {
    this.#uid = uid
    this.#hadSvid = issued !== undefined && issued.uid !== uid
  }

  /** Returns what is known of the workload of a request, right after the request has changed. */
  workloadOf({ uid, owner }: RequestObservation, pods: Pods): RequestedFor {
    const podStartedMs = owner && pods.get(owner.podUid)?.startedMs
    return {
      ...(podStartedMs !== undefined && { podStartedMs }),
      ...(this.#uid === uid && { isRenewal: this.#hadSvid }),
    }
  }
}
