import { renewalDueMs, renewalRules } from '../../../src/identity/renewal.ts'
import { lifetimeMs } from '../certificates.ts'

/** The two scenes that are compared. */
export const scenes = ['well', 'outage'] as const
export type Scene = (typeof scenes)[number]

/** The issuer that is down in the outage, and the one that works in both scenes. */
export const issuers = { large: 'spiffe-ca', small: 'batch-ca' } as const

/** One of so many workloads has its SVIDs from the small issuer. */
const smallShare = 20
/** One of so many workloads of the small issuer is left without renewals in the outage. */
const leftOutShare = 10

/**
 * How long the outage has lasted when the first scrape comes. Even an SVID that was issued at its last moment has missed its
 * renewal by then, and two thirds of the others have expired.
 */
export const outageMs = 47 * 60_000

/** What becomes of a renewal once it is due. */
export type Fate =
  /** The SVID is renewed at once. */
  | 'renewed'
  /** The driver asks for a new SVID, and the issuer does not answer. */
  | 'unanswered'
  /** The driver does not ask for a new SVID. */
  | 'left out'

/** One workload of a scene. */
export interface Part {
  readonly issuer: string
  readonly fate: Fate
  /** Its SVIDs are issued at this time after the Unix epoch, and every interval of `renewEveryMs` after it. */
  readonly phaseMs: number
}

/** How old an SVID of csi-driver-spiffe is when it is renewed. */
export const renewEveryMs = renewalDueMs({ notBeforeMs: 0, notAfterMs: lifetimeMs }, renewalRules.csiDriverSpiffe)

/** Any run of multiples of this number, modulo 1, is spread evenly. */
const golden = (Math.sqrt(5) - 1) / 2

/** Returns the part that a workload has in a scene. Times are whole seconds, as in certificates. */
export function partOf(index: number, scene: Scene): Part {
  const isSmall = index % smallShare === 0
  const isLeftOut = index % (smallShare * leftOutShare) === 0
  const failing: Fate = isLeftOut ? 'left out' : isSmall ? 'renewed' : 'unanswered'
  return {
    issuer: isSmall ? issuers.small : issuers.large,
    fate: scene === 'well' ? 'renewed' : failing,
    phaseMs: Math.floor((((index * golden) % 1) * renewEveryMs) / 1000) * 1000,
  }
}

/** The state of the SVID of a workload. */
export interface Situation {
  /** When the newest SVID was issued. */
  readonly issuedMs: number
  /** When the driver asked for the next one; undefined unless that request waits. */
  readonly askedMs?: number
}

/** Returns the situation of a workload at `nowMs` if nothing has been renewed since `outageSinceMs`, unless its fate is 'renewed'. */
export function situationAt({ fate, phaseMs }: Part, nowMs: number, outageSinceMs: number): Situation {
  const lastMs = issuedBefore(phaseMs, nowMs)
  if (fate === 'renewed' || lastMs <= outageSinceMs) return { issuedMs: lastMs }
  const issuedMs = issuedBefore(phaseMs, outageSinceMs)
  return fate === 'left out' ? { issuedMs } : { issuedMs, askedMs: issuedMs + renewEveryMs }
}

const issuedBefore = (phaseMs: number, nowMs: number): number =>
  phaseMs + Math.floor((nowMs - phaseMs) / renewEveryMs) * renewEveryMs
