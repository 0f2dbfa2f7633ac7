import type { Diagnosis } from '../../src/diagnosis/diagnosis.ts'
import { isIn, type Cause, type Scope } from './causes.ts'
import { unseenOf, type Fleet } from './fleet.ts'
import type { Svid } from './svid.ts'

/** Something that was named. */
export interface Name {
  readonly scope: Scope | 'several_nodes'
  readonly name: string
}

/** A name that no cause bears out. */
export interface Wrong extends Name {
  readonly atMs: number
  readonly reason: string
}

/**
 * `right`: the cause is named, once enough SVIDs show it. `untold`: nothing is named, and the SVIDs could not tell: too few fail, or
 * nothing that is well could be compared. `broad`: only something is named that the cause is a part of. `nothing`: nothing is named.
 */
export type Verdict = 'right' | 'untold' | 'broad' | 'nothing'

export interface JudgedCause {
  readonly cause: Cause
  readonly verdict: Verdict
  /** Whether the truth could be told by the end. */
  readonly isTellable: boolean
  readonly failing: number
}

/** So many SVIDs must fail, and so many be well that differ in nothing but the cause, for a cause to be tellable. */
const minFailing = 3
const minWell = 3

/** What befalls all nodes reaches one of them first, so that a cause must have been tellable for so long, ms. */
const settleMs = 60_000

/**
 * After a cause is over, its name may stay for so long: drivers retry, and what failed last heals last. It is three steps at least, because
 * less than a step of the simulation says nothing.
 */
const lingersMs = ({ lifetimeMs }: Fleet): number => Math.max(20 * 60_000, (3 * lifetimeMs) / 120)

/** Failures of one family look the same. */
const familyOf: Readonly<Record<Cause['failure'], 'renewals' | 'mounts' | 'refusals'>> = {
  unasked: 'renewals',
  unanswered: 'renewals',
  detached: 'mounts',
  'refused when new': 'refusals',
  'refused when old': 'refusals',
}

interface Told {
  named: boolean
  broad: boolean
  tellable: boolean
  failing: number
}

/** Verdicts compares what is named with what is true. */
export class Verdicts {
  readonly #fleet: Fleet
  readonly #causes: readonly Cause[]
  readonly #told = new Map<Cause, Told>()
  readonly #wrong = new Map<string, Wrong>()
  /** Since when each cause can be told. */
  readonly #tellableMs = new Map<Cause, number>()

  constructor(fleet: Fleet, causes: readonly Cause[]) {
    this.#fleet = fleet
    this.#causes = causes
  }

  hear(diagnoses: readonly Diagnosis[], nowMs: number): void {
    const names = diagnoses.flatMap(nameOf)
    for (const name of names) if (!this.#isTrue(name, nowMs)) this.#note(name, nowMs)
    const visible = new Set(diagnoses.filter(isOfSvid).map(({ key }) => key))
    for (const cause of this.#causes) {
      // What counts is what is named when the truth can be told for the last time, or what is named at all where it never can.
      if (cause.scope === 'singles' || nowMs < cause.beganMs || nowMs >= cause.toMs) continue
      const failing = this.#fleet.svids.filter(
        (svid) => isShown(svid, cause, nowMs) && visible.has(svid.of.key) && !this.#isOfOther(svid, cause, nowMs),
      )
      const tellable = this.#hasSettled(cause, nowMs, this.#isTellable(cause, failing, nowMs))
      const named = names.some((one) => isNameOf(one, cause))
      const told = this.#told.get(cause)
      if (told && !tellable) {
        if (!told.tellable) told.named ||= named
        continue
      }
      this.#told.set(cause, {
        named,
        broad: names.some(
          (one) => one.scope === 'everything' || one.scope === 'several_nodes' || one.scope === 'trust_domain',
        ),
        tellable,
        failing: failing.length,
      })
    }
  }

  conclude(): { readonly judged: readonly JudgedCause[]; readonly wrong: readonly Wrong[] } {
    const judged = Array.from(this.#told, ([cause, { named, broad, tellable, failing }]) => {
      const unnamed: Verdict = tellable ? (broad ? 'broad' : 'nothing') : 'untold'
      return { cause, isTellable: tellable, failing, verdict: named ? 'right' : unnamed } as const
    })
    return { judged, wrong: [...this.#wrong.values()] }
  }

  #note(name: Name & { readonly reason: string }, atMs: number): void {
    const key = `${name.scope} ${name.name}`
    if (!this.#wrong.has(key)) this.#wrong.set(key, { ...name, atMs })
  }

  #isTrue(name: Name, nowMs: number): boolean {
    const active = this.#causes.filter(
      (cause) =>
        cause.scope !== 'singles' && nowMs >= cause.beganMs && nowMs < this.#seenToMs(cause) + lingersMs(this.#fleet),
    )
    return active.some(
      (cause) => isNameOf(name, cause) || isPartOf(cause, name) || this.#isSpreading(name, cause, nowMs),
    )
  }

  /** Returns until when svidwatch cannot know that a cause is over. */
  #seenToMs({ toMs }: Cause): number {
    return unseenOf(this.#fleet, toMs)?.toMs ?? toMs
  }

  /** As long as a cause has reached one or two nodes, these are all that it is. */
  #isSpreading({ scope, name }: Name, { fromMsOf }: Cause, nowMs: number): boolean {
    const reached = new Set(
      this.#fleet.svids.filter((svid) => nowMs >= (fromMsOf(svid) ?? Infinity)).map(({ of }) => of.node),
    )
    return scope === 'node' && reached.size < 3 && reached.has(name)
  }

  /** Nothing of renewals can be told while svidwatch does not see whether they were asked for. */
  #isTellable(cause: Cause, failing: readonly Svid[], nowMs: number): boolean {
    if (familyOf[cause.failure] === 'renewals' && unseenOf(this.#fleet, nowMs)) return false
    return failing.length >= minFailing && this.#isComparable(cause, failing)
  }

  /** Whether a cause has been tellable for so long that what is seen is not what reaches one node before the others. */
  #hasSettled(cause: Cause, nowMs: number, tellable: boolean): boolean {
    if (!tellable) {
      this.#tellableMs.delete(cause)
      return false
    }
    const sinceMs = this.#tellableMs.get(cause) ?? nowMs
    this.#tellableMs.set(cause, sinceMs)
    return nowMs - sinceMs >= settleMs
  }

  /** What two causes hit at once shows neither of them alone. A cause that lets SVIDs fail otherwise hits those that show it. */
  #isOfOther(svid: Svid, cause: Cause, nowMs: number): boolean {
    const isHit = (other: Cause): boolean =>
      familyOf[other.failure] === familyOf[cause.failure]
        ? nowMs >= (other.fromMsOf(svid) ?? Infinity)
        : isShown(svid, other, nowMs)
    return this.#causes.some((other) => other !== cause && other.scope !== 'singles' && isHit(other))
  }

  /** Whether SVIDs that are well differ from those that fail in the cause alone. */
  #isComparable(cause: Cause, failing: readonly Svid[]): boolean {
    const sinceMs = Math.min(...failing.map((svid) => (cause.failure === 'unasked' ? svid.dueMs : svid.gotMs)))
    const untilMs = cause.failure === 'unasked' ? Infinity : Math.max(...failing.map(({ gotMs }) => gotMs))
    const well = this.#fleet.svids.filter(
      (svid) =>
        !svid.of.isMuted &&
        !svid.isFailing &&
        !isIn(cause.scope, cause.name, svid) &&
        (cause.failure === 'detached' || (svid.gotMs >= sinceMs && svid.gotMs <= untilMs)),
    )
    const issuers = new Set(failing.map(({ of }) => of.issuer))
    const nodes = new Set(failing.map(({ of }) => of.node))
    const namespaces = new Set(failing.map(({ of }) => of.namespace))
    switch (cause.scope) {
      case 'node': {
        const alike = well.filter(({ of }) => issuers.has(of.issuer))
        const isNamespace = namespaces.size === 1 && !alike.some(({ of }) => namespaces.has(of.namespace))
        return alike.length >= minWell && !(cause.failure === 'detached' && isNamespace)
      }
      case 'issuer':
        return cause.failure === 'unanswered'
          ? true
          : nodes.size > 1 &&
              well.filter(({ of }) => failing.some((one) => one.of.trustDomain === of.trustDomain)).length >= minWell
      case 'trust_domain':
        return nodes.size > 1 && (issuers.size > 1 || this.#hasOneIssuer(cause.name))
      default:
        return failing.length >= 5 && nodes.size >= Math.min(3, this.#fleet.nodes.length)
    }
  }

  #hasOneIssuer(trustDomain: string): boolean {
    const svids = this.#fleet.svids.filter(({ of }) => of.trustDomain === trustDomain)
    return new Set(svids.map(({ of }) => of.issuer)).size === 1
  }
}

const isOfSvid = ({ code, muted }: Diagnosis): boolean => code !== 'incident' && code !== 'issuer_down' && !muted

/** Whether an SVID is among those by which a cause shows. */
function isShown(svid: Svid, cause: Cause, nowMs: number): boolean {
  const fromMs = cause.fromMsOf(svid)
  if (fromMs === undefined || nowMs < fromMs || svid.of.isMuted) return false
  if (cause.failure === 'detached') return svid.detached !== undefined
  if (cause.failure === 'unasked') return svid.dueMs >= cause.beganMs && svid.isFailing && svid.askedMs === undefined
  if (cause.failure === 'unanswered') return svid.askedMs !== undefined
  return svid.refused !== undefined
}

function nameOf({ code, subject, reason }: Diagnosis): readonly (Name & { readonly reason: string })[] {
  if (code === 'issuer_down') return [{ scope: 'issuer', name: subject.issuer ?? '', reason: code }]
  if (code !== 'incident') return []
  if (subject.node) return [{ scope: 'node', name: subject.node, reason }]
  if (subject.issuer) return [{ scope: 'issuer', name: subject.issuer, reason }]
  if (subject.trust_domain) return [{ scope: 'trust_domain', name: subject.trust_domain, reason }]
  return [{ scope: reason.startsWith('several_nodes') ? 'several_nodes' : 'everything', name: '', reason }]
}

const isNameOf = (named: Name, cause: Cause): boolean =>
  cause.scope === 'everything'
    ? named.scope === 'everything' || named.scope === 'several_nodes'
    : named.scope === cause.scope && named.name === cause.name

/** The trust domain of an issuer contains it: its name says too little, and nothing wrong. */
const isPartOf = (cause: Cause, named: Name): boolean => cause.scope === 'issuer' && named.scope === 'trust_domain'
