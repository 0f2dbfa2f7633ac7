import type { Candidate } from '../candidate.ts'
import { scopesOf, type RestartCause } from '../causes.ts'
import { wantedOf } from '../wanted.ts'
import type { Brake, Context } from './brake.ts'
import type { Proof } from './proof.ts'

/** Whether earlier restarts for the same cause prove that the next one heals. */
export const canaryBrakes: readonly Brake[] = [
  {
    reason: 'canary_failed',
    holds: (candidate, { tally }, cause) => proofsOf(candidate, tally, cause).includes('failed'),
  },
  {
    reason: 'awaiting_canary',
    holds: (candidate, { tally }, cause) => proofsOf(candidate, tally, cause).includes('awaited'),
  },
]

/** Returns what is proven for each scope of a restart. */
export const proofsOf = (candidate: Candidate, { proofs }: Context['tally'], cause: RestartCause): readonly Proof[] =>
  scopesOf(wantedOf(candidate, cause)).map((scope) => proofs.get(scope) ?? 'none')
