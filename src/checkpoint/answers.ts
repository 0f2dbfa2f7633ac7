import type { Clock } from '../clock.ts'
import { messageOf, SvidwatchError } from '../errors.ts'
import { troubleReasons, type TroubleReason } from '../ledger/sight/reasons.ts'
import { retry } from '../retry/retry.ts'
import type { Loaded, PartName, StateStore } from './stateStore.ts'

/** So often a refusal is asked again before it counts as the answer: rights take their time to arrive. */
const maxRefusals = 5

/** Why nothing can be read at present. */
export interface Waiting {
  readonly reason: TroubleReason
  readonly detail: string
}

interface Asking {
  readonly store: StateStore
  readonly part: PartName
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onWaiting: (waiting: Waiting) => void
}

/**
 * What is stored of one part. Asks again until there is an answer; a right that stays missing is one as well: `refused`.
 * undefined: `signal` has aborted.
 */
export function untilAnswered(asking: Asking): Promise<Loaded | 'refused' | undefined> {
  const { store, part, clock, signal, onWaiting } = asking
  let refusals = 0
  return retry<Loaded | 'refused'>({
    clock,
    signal,
    attempt: () => store.load(part, signal),
    failed: (error) => {
      onWaiting({ reason: reasonOf(error), detail: `${store.place} cannot be read: ${messageOf(error)}` })
      if (isRefusal(error)) refusals += 1
      return refusals === maxRefusals ? 'refused' : undefined
    },
  })
}

const refusals: readonly string[] = ['unauthorized', 'forbidden', 'not_found', 'protocol']

/** Who was asked has understood and will not: a right or a folder is missing, or the object is not to its liking. */
export const isRefusal = (error: unknown): boolean => refusals.includes(codeOf(error))

function reasonOf(error: unknown): TroubleReason {
  const code = codeOf(error)
  return isTroubleReason(code) ? code : 'internal'
}

const codeOf = (error: unknown): string => (error instanceof SvidwatchError ? String(error.code) : '')
const isTroubleReason = (code: string): code is TroubleReason => Object.hasOwn(troubleReasons, code)
