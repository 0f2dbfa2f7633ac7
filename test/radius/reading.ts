import { noFacts, type SvidFacts } from '../../src/ledger/workloads/compared/facts.ts'
import type { CopyFacts } from '../../src/ledger/workloads/compared/copyFacts.ts'
import type { LedgerView } from '../../src/ledger/view.ts'
import type { SvidLabels } from '../../src/ledger/workloads/view.ts'
import { fakeLedger, issuerView } from '../support/fakeLedger.ts'
import { unseenOf, type Fleet } from './fleet.ts'
import type { Svid } from './svid.ts'

/** Evidence of requests comes so late, at most; that of files comes with each look of a node role. */
const requestsLagMs = 30_000

/** What the API server tells of an SVID: when it was issued to the workload, and since when a request waits. */
interface Told {
  readonly gotMs: number
  readonly issuedMs: number
  readonly askedMs: number | undefined
}

/** What svidwatch knows of a fleet. `epochMs` is when the simulation begins, ms since the Unix epoch. */
export class Reading {
  readonly #fleet: Fleet
  readonly #epochMs: number
  readonly #blindFromMs: number
  readonly #seen = new Map<Svid, number>()
  /** What the API server has told last of each SVID. */
  readonly #told = new Map<Svid, Told>()

  constructor(fleet: Fleet, epochMs: number, blindFromMs: number) {
    this.#fleet = fleet
    this.#epochMs = epochMs
    this.#blindFromMs = blindFromMs
  }

  /** Returns a ledger that knows the fleet as it is at any time. */
  ledger(now: () => number): LedgerView {
    const { svids, issuers } = this.#fleet
    const ofIssuer = (issuer: string): readonly Svid[] => svids.filter(({ of }) => of.issuer === issuer)
    const told = (issuer: string): readonly Told[] => ofIssuer(issuer).map((svid) => this.#toldOf(svid, now()))
    const lastMs = (issuer: string): number => Math.max(...told(issuer).map(({ issuedMs }) => issuedMs))
    const askedMs = (issuer: string): number => Math.min(...told(issuer).map((one) => one.askedMs ?? Infinity))
    return {
      ...fakeLedger(),
      facts: () => svids.values().map((svid) => this.#facts(svid, now())),
      issuers: () =>
        issuers.map((issuer) => issuerView({ issuer, lastIssuedMs: this.#epochMs + lastMs(issuer), chain: undefined })),
      requestCounts: () =>
        issuers.flatMap((issuer) => {
          const oldestMs = askedMs(issuer)
          const request = {
            issuer,
            namespace: 'team',
            state: 'approved',
            reason: 'issuer_not_ready',
            count: 1,
          } as const
          return oldestMs === Infinity ? [] : [{ ...request, oldestMs: this.#epochMs + oldestMs }]
        }),
    }
  }

  #facts(svid: Svid, nowMs: number): SvidFacts {
    const { key, isMuted, node } = svid.of
    const unseen = unseenOf(this.#fleet, nowMs)
    const requestsKnownMs = this.#epochMs + (unseen?.fromMs ?? nowMs) - requestsLagMs
    const told = this.#toldOf(svid, nowMs)
    const isBlind = this.#fleet.blind.has(node) && nowMs >= this.#blindFromMs
    if (!isBlind) this.#seen.set(svid, svid.gotMs)
    const seenMs = isBlind ? this.#blindFromMs : nowMs
    const issued = this.#copy(svid, 'issued', told.gotMs, requestsKnownMs)
    const mounted = this.#fleet.seesNodes
      ? this.#copy(svid, 'mounted', this.#seen.get(svid) ?? svid.gotMs, this.#epochMs + seenMs)
      : undefined
    const { detached, refused } = svid
    const isSeen = mounted !== undefined && !isBlind
    const sinceMs = this.#epochMs + (refused?.sinceMs ?? 0)
    return {
      ...noFacts,
      ...{ key, labels: issued.labels, issued, mounted, problem: undefined, muted: isMuted },
      held: isSeen && detached ? this.#copy(svid, 'mounted', detached.heldGotMs, mounted.knownMs) : undefined,
      drifts: isSeen && detached ? [{ cause: 'mount_detached', sinceMs: this.#epochMs + detached.sinceMs }] : [],
      refused: isSeen && refused ? { copy: mounted, reason: 'unknown_authority', sinceMs, detail: '' } : undefined,
      issuedMs: issued.svid.notBeforeMs,
      requested: requestOf(svid, told, this.#epochMs),
      requestsKnownMs,
      seesRequests: unseen === undefined,
    }
  }

  #toldOf(svid: Svid, nowMs: number): Told {
    const before = this.#told.get(svid)
    if (before && unseenOf(this.#fleet, nowMs)) return before
    const { gotMs, issuedMs, askedMs } = svid
    const told = { gotMs, issuedMs, askedMs }
    this.#told.set(svid, told)
    return told
  }

  #copy({ of }: Svid, copy: SvidLabels['copy'], gotMs: number, knownMs: number): CopyFacts {
    const { key, namespace, node, issuer, trustDomain, lifetimeMs } = of
    const notBeforeMs = this.#epochMs + gotMs
    const spiffeId = `spiffe://${trustDomain}/ns/${namespace}`
    const place = { namespace, pod: key.split('/')[0] ?? '', volume: 'tls', node, issuer, file: '' }
    return {
      labels: { ...place, spiffe_id: spiffeId, trust_domain: trustDomain, copy },
      svid: { spiffeId, trustDomain, notBeforeMs, notAfterMs: notBeforeMs + lifetimeMs, fingerprint: key },
      renewalDueMs: notBeforeMs + (2 / 3) * lifetimeMs,
      knownMs,
    }
  }
}

function requestOf({ of: { key, issuer } }: Svid, { askedMs }: Told, epochMs: number): SvidFacts['requested'] {
  if (askedMs === undefined) return undefined
  const createdMs = epochMs + askedMs
  const state = { state: 'approved', reason: 'issuer_not_ready', message: '' } as const
  return { uid: key, name: key, issuer, createdMs, askedMs: createdMs, ...state }
}
