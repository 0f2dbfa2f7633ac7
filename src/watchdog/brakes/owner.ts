import { happenedMs, mayHaveHappened, type Reservation } from '../history/history.ts'
import type { Policy } from '../policy.ts'
import type { PodFacts } from '../candidate.ts'
import type { Brake, Context } from './brake.ts'

/** What became of earlier restarts of the pod and its owner. */
export const ownerBrakes: readonly Brake[] = [
  {
    // A watch may still show the pod some time after it is gone.
    reason: 'in_hand',
    holds: ({ pod }, { tally }) => tally.byPod.get(pod.uid)?.some(mayHaveHappened) ?? false,
  },
  {
    // What a budget refuses for one pod of an owner, it refuses for the others.
    reason: 'refused_lately',
    holds: ({ pod }, context) =>
      ofOwner(pod, context).some((one) => one.state === 'refused' && context.nowMs < retryMs(one, context.policy)),
  },
  {
    reason: 'owner_failed',
    holds: ({ pod }, context) => ofOwner(pod, context).some(({ state }) => state === 'failed'),
  },
  {
    // The pods that were there before go on within the caps: of 10 replicas with one cause, each is restarted once.
    reason: 'cooling_down',
    holds: ({ pod }, context) => {
      const { cooldownMs, clockSkewMs } = context.policy
      return ofOwner(pod, context).some(
        (one) =>
          mayHaveHappened(one) &&
          pod.createdMs > happenedMs(one) - clockSkewMs &&
          context.nowMs - happenedMs(one) < cooldownMs,
      )
    },
  },
]

const ofOwner = ({ owner }: PodFacts, { tally }: Context): readonly Reservation[] =>
  tally.byOwner.get(owner?.key ?? '') ?? []

/** Returns when an eviction that the API has refused may be tried again, ms since the Unix epoch. */
function retryMs({ endedMs = 0, refusals = 1 }: Reservation, { refusal }: Policy): number {
  return endedMs + Math.min(refusal.maxMs, refusal.firstMs * 2 ** (refusals - 1))
}
