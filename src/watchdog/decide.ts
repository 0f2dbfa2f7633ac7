import type { Brake, Context } from './brakes/brake.ts'
import { brakes } from './brakes/brakes.ts'
import { proofsOf } from './brakes/canary.ts'
import { tallyOf } from './brakes/tally.ts'
import type { Candidate, Situation } from './candidate.ts'
import { causeOf } from './causes.ts'
import type { HoldReason } from './holdReasons.ts'
import type { History } from './history/history.ts'
import { reserve } from './history/transitions.ts'
import type { Policy } from './policy.ts'
import { wantedOf, type Wanted } from './wanted.ts'

/**
 * What becomes of a candidate. `canary`: it is restarted, and others for the same cause follow once its successor is seen fresh. `act`: it
 * is restarted. Each restart must be reserved and stored before it is done.
 */
export type Decision =
  | { readonly candidate: Candidate; readonly is: 'canary' | 'act'; readonly wanted: Wanted }
  | { readonly candidate: Candidate; readonly is: 'held'; readonly reason: HoldReason }

/**
 * Decides about all candidates at once. `history` is settled (`settle`), and stored if that has changed it. `nowMs` is by the clock of the API
 * server, which all leaders share.
 */
export type Decide = (situation: Situation, policy: Policy, history: History, nowMs: number) => readonly Decision[]

/** Returns what decides with these brakes. */
export const decideWith =
  (those: readonly Brake[]): Decide =>
  (situation, policy, history, nowMs) => {
    let context: Context = {
      ...{ situation, policy, nowMs, history, tally: tallyOf(history, policy, nowMs) },
      stalePods: new Set(situation.candidates.filter(isHealable).map(({ pod }) => pod.uid)),
      unrenewed: countUnrenewed(situation),
    }
    return situation.candidates.toSorted(byUrgency).map((candidate): Decision => {
      const cause = causeOf(candidate.code)
      if (cause === undefined) return { candidate, is: 'held', reason: 'not_healed_by_restart' }
      const brake = those.find(({ holds }) => holds(candidate, context, cause))
      if (brake) return { candidate, is: 'held', reason: brake.reason }
      const isCanary = proofsOf(candidate, context.tally, cause).some((proof) => proof !== 'proven')
      const wanted = wantedOf(candidate, cause)
      const reserved = reserve(context.history, wanted, nowMs)
      context = { ...context, history: reserved, tally: tallyOf(reserved, policy, nowMs) }
      return { candidate, is: isCanary ? 'canary' : 'act', wanted }
    })
  }

/** Decides with all brakes. */
export const decide = decideWith(brakes)

const isHealable = ({ code }: Candidate): boolean => causeOf(code) !== undefined

/** The pods that were not renewed, by node and by issuer. */
function countUnrenewed({ candidates }: Situation): Context['unrenewed'] {
  const pods = new Map(
    candidates.filter(({ code }) => causeOf(code) === 'not_renewed').map(({ pod }) => [pod.uid, pod]),
  )
  const onNode = new Map<string, number>()
  const ofIssuer = new Map<string, number>()
  for (const { node, issuers } of pods.values()) {
    onNode.set(node, (onNode.get(node) ?? 0) + 1)
    for (const issuer of issuers) ofIssuer.set(issuer, (ofIssuer.get(issuer) ?? 0) + 1)
  }
  return { onNode, ofIssuer }
}

/** A canary that has siblings hurts least if it does not come back. Then those come first with which connections fail first. */
function byUrgency(one: Candidate, other: Candidate): number {
  return (
    Number(isSingle(one)) - Number(isSingle(other)) ||
    compare(one.impactMs ?? Infinity, other.impactMs ?? Infinity) ||
    compare(one.svid, other.svid)
  )
}

const isSingle = ({ pod }: Candidate): boolean => (pod.owner?.replicas ?? 0) < 2

const compare = <Value extends number | string>(one: Value, other: Value): number =>
  one < other ? -1 : Number(one > other)
