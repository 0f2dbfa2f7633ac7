import type { Clock } from '../clock.ts'
import { messageOf, SvidwatchError } from '../errors.ts'
import { KubernetesError } from '../kubernetes/kubernetesError.ts'
import { troubleReasons, type TroubleReason } from '../ledger/sight/reasons.ts'
import { retry } from '../retry/retry.ts'
import type { Loaded, PartName, StateStore } from './stateStore.ts'

/** The number of refusals after which loading gives up. New rights take a while to become effective. */
const maxRefusals = 5

/** Why the store cannot be read at present. */
export interface LoadProblem {
  readonly reason: TroubleReason
  readonly detail: string
}

interface LoadOptions {
  readonly store: StateStore
  readonly part: PartName
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called after each failed attempt. */
  readonly onProblem: (problem: LoadProblem) => void
}

/**
 * Loads one part of the state and retries until that succeeds. Returns `refused` if the store refuses five times, such as for a
 * missing right or a newer version, and undefined if `signal` aborts.
 */
export function loadWithRetry(options: LoadOptions): Promise<Loaded | 'refused' | undefined> {
  const { store, part, clock, signal, onProblem } = options
  let refusals = 0
  return retry<Loaded | 'refused'>({
    clock,
    signal,
    attempt: () => store.load(part, signal),
    failed: (error) => {
      onProblem({ reason: reasonOf(error), detail: `${store.place} cannot be read: ${messageOf(error)}` })
      if (isRefusal(error)) refusals += 1
      return refusals === maxRefusals ? 'refused' : undefined
    },
  })
}

const refusalCodes: readonly string[] = ['unauthorized', 'forbidden', 'not_found', 'protocol', 'newer_state']

/** Reports whether the store refused a call that it understood: a right or a folder is missing, the object is not accepted, or a newer svidwatch has written it. */
export const isRefusal = (error: unknown): boolean => refusalCodes.includes(codeOf(error)) && !isOfProxy(error)

/** Reports whether a 404 is not about anything that the API server has or lacks, as that of a proxy in front of it. */
const isOfProxy = (error: unknown): boolean =>
  error instanceof KubernetesError && error.code === 'not_found' && error.missing === undefined

function reasonOf(error: unknown): TroubleReason {
  const code = codeOf(error)
  return isTroubleReason(code) ? code : 'internal'
}

const codeOf = (error: unknown): string => (error instanceof SvidwatchError ? String(error.code) : '')
const isTroubleReason = (code: string): code is TroubleReason => Object.hasOwn(troubleReasons, code)
