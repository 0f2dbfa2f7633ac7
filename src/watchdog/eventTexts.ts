import type { EventText } from '../kubernetes/podEvents.ts'
import type { Outcome, OutcomeCode } from './reservation.ts'

type Told = Pick<EventText, 'type' | 'reason'> & { readonly sentence: string }

const action = 'Evict'

const evicted = { type: 'Normal', reason: 'Restarted' } as const
const held = { type: 'Normal', reason: 'RestartHeld' } as const
const failed = { type: 'Warning', reason: 'RestartFailed' } as const

const told: Readonly<Record<OutcomeCode, Told>> = {
  evicted: { ...evicted, sentence: 'svidwatch has evicted the pod' },
  presumed: { ...evicted, sentence: 'svidwatch has asked for the eviction of the pod, and the pod is gone' },
  gone: { ...held, sentence: 'svidwatch did not evict the pod: it was gone already' },
  replaced: { ...held, sentence: 'svidwatch did not evict the pod: another one has its name already' },
  held: { ...held, sentence: 'svidwatch did not evict the pod: a PodDisruptionBudget does not allow it now' },
  throttled: { ...held, sentence: 'svidwatch did not evict the pod: the API server is busy' },
  switched_off: { ...held, sentence: 'svidwatch did not evict the pod: the kill switch stops it' },
  not_done: { ...failed, sentence: 'svidwatch did not evict the pod: its request had no effect' },
  several_budgets: { ...failed, sentence: 'svidwatch cannot evict the pod: it has more than one PodDisruptionBudget' },
  odd_budget: { ...failed, sentence: 'svidwatch cannot evict the pod: its PodDisruptionBudget is not in order' },
  forbidden: { ...failed, sentence: 'svidwatch may not evict the pod' },
  refused: { ...failed, sentence: 'svidwatch did not evict the pod: the API server refuses the request' },
}

/** Returns what an Event on the pod says about an act. */
export function eventTextOf({ code, detail }: Outcome, why: string | undefined): EventText {
  const { type, reason, sentence } = told[code]
  const note = [why === undefined ? sentence : `${sentence}, because ${why}`, detail].filter(Boolean).join('. ')
  return { type, reason, action, note }
}
