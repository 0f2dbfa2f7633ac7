import type { DiagnosisCode } from '../../src/diagnosis/codes.ts'
import type { Candidate, PodFacts } from '../../src/watchdog/candidate.ts'
import { lifetimeMs, minuteMs, renewAfterMs, type Node, type Pod } from './world.ts'

/** The simulation's times begin here. */
export const epochMs = Date.UTC(2026, 10, 22, 12)

/** What a node role has found in a volume. */
export interface Found {
  readonly on: Node
  readonly heldMs: number
  readonly isDetached: boolean
  readonly sinceMs: number
}

/** What svidwatch has been told of a pod. */
export interface Told {
  readonly pod: Pod
  isRunning: boolean
  readonly issuedMs: number[]
  askedMs: number | undefined
  isDenied: boolean
  hasExpiredSvid: boolean
  found?: Found
  servedMs?: number
}

/** A missed renewal is one after this share of the time from renewal due to expiry, and a server has this time to reload. */
const missedShare = 0.27
const reloadsWithinMs = 2 * minuteMs
/** What is issued takes a while to be mounted. */
const mountsWithinMs = minuteMs
/** So many SVIDs in ten minutes are too many. */
const tooOften = { withinMs: 10 * minuteMs, count: 2 }

/** Returns what is wrong with a pod, as far as was told: the deepest cause. `seenMs` is until when that is known. */
export function problemOf(told: Told, nowMs: number, seenMs: number): Candidate | undefined {
  const { pod, found, servedMs, hasExpiredSvid, isRunning } = told
  const issuedMs = told.issuedMs.at(-1)
  if (!isRunning || issuedMs === undefined) return undefined
  const of = (code: DiagnosisCode, sinceMs: number, more: Partial<Candidate> = {}): Candidate => ({
    ...aboutPod(told, issuedMs, nowMs),
    ...{ code, seenMs: epochMs + seenMs, sinceMs: byIssuer(pod, sinceMs), foundOn: undefined, ...more },
  })
  const dueMs = issuedMs + renewAfterMs
  const missedMs = dueMs + missedShare * (lifetimeMs - renewAfterMs)
  if (hasExpiredSvid) return of('expired', issuedMs, { dueMs: byIssuer(pod, issuedMs) })
  if (nowMs > missedMs) return of('renewal_missed', missedMs, { dueMs: byIssuer(pod, dueMs) })
  if (found === undefined) return undefined
  const foundOn = found.on.name
  if (found.isDetached) return of('mount_detached', found.sinceMs, { foundOn })
  const unmounted = told.issuedMs.find((each) => each > found.heldMs) ?? Infinity
  if (nowMs - unmounted > mountsWithinMs) return of('mount_stale', unmounted, { foundOn })
  if (servedMs === undefined || servedMs >= found.heldMs || nowMs - found.heldMs <= reloadsWithinMs) return undefined
  return of('not_reloaded', found.heldMs, { foundOn, impactMs: epochMs + servedMs + lifetimeMs })
}

const byIssuer = ({ owner }: Pod, ms: number): number => epochMs + ms + owner.issuer.skewMs

function aboutPod(told: Told, issuedMs: number, nowMs: number) {
  const { pod, found, servedMs = -Infinity, isDenied, askedMs } = told
  const lately = told.issuedMs.filter((each) => each > nowMs - tooOften.withinMs)
  return {
    ...{ svid: pod.uid, trustDomain: 'example.org', pod: podFacts(told) },
    impactMs: epochMs + (found?.heldMs ?? issuedMs) + lifetimeMs,
    isContradicted: servedMs > (found?.heldMs ?? Infinity),
    ...(pod.startedMs !== undefined && { startedMs: epochMs + pod.startedMs + pod.node.skewMs }),
    newestIssuedMs: byIssuer(pod, issuedMs),
    ...(isDenied ? ({ request: 'denied' } as const) : askedMs !== undefined && ({ request: 'waiting' } as const)),
    isRenewedTooOften: lately.length > tooOften.count,
  }
}

function podFacts({ pod, isRunning }: Told): PodFacts {
  const { uid, owner, node, createdMs } = pod
  const { untouchable, kind, key, replicas, namespace, issuer } = owner
  return {
    ...{ uid, namespace, name: uid, node: node.name, isRunning, createdMs: epochMs + createdMs },
    issuers: [issuer.name],
    owner: untouchable === 'alone' ? undefined : { key, kind, replicas },
    label: owner.label,
    namespaceLabel: owner.isAllowedNamespace ? 'allowed' : '',
    isOwn: untouchable === 'own',
    isAgent: untouchable === 'agent',
    isNodeReady: true,
    isAgentReady: node.isAgentReady,
  }
}
