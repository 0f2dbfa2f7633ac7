import type { Chance } from '../chance.ts'

/** From when to when, in true time. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** An issuer and the approver before it. */
export interface Issuer {
  readonly name: string
  readonly trustDomain: string
  /** By how much its clock is ahead. */
  readonly skewMs: number
  /** By how much it dates notBefore back. */
  readonly backMs: number
  /** When its certificate expires; it may be replaced by another one. */
  caNotAfterMs: number
  caNotBeforeMs: number
  /** How often its CA was replaced. */
  ca: number
  down: Span | undefined
  approverDown: Span | undefined
  /** When it issued something. */
  readonly issuedMs: number[]
  /** How long it takes to sign. */
  readonly latencyMs: (chance: Chance) => number
}

/** What happens to a request. */
export type Answer =
  | { readonly answer: 'issue'; readonly afterMs: number }
  /** It waits until then, and is issued then. */
  | { readonly answer: 'wait'; readonly state: 'pending' | 'approved'; readonly untilMs: number }
  /** The driver asks for `trustDomain`, if that is another one than its approver has. */
  | { readonly answer: 'deny'; readonly trustDomain?: string }
  | { readonly answer: 'fail' }
  /** The driver gives up the request within a minute, deletes it, and makes another one. */
  | { readonly answer: 'anew' }
  /** The driver cannot make it. */
  | { readonly answer: 'error' }

export const holds = (span: Span | undefined, atMs: number): span is Span =>
  span !== undefined && atMs >= span.fromMs && atMs < span.toMs

/** What an issuer makes of a request that is made at `atMs`. */
export function answerOf(issuer: Issuer, atMs: number, chance: Chance): Answer {
  if (holds(issuer.approverDown, atMs)) return { answer: 'wait', state: 'pending', untilMs: issuer.approverDown.toMs }
  if (holds(issuer.down, atMs)) return { answer: 'wait', state: 'approved', untilMs: issuer.down.toMs }
  return { answer: 'issue', afterMs: issuer.latencyMs(chance) }
}
