import type { Diagnosis } from '../../src/diagnosis/diagnosis.ts'
import type { Fleet } from './fleet.ts'
import type { Sight } from './sight.ts'
import { different, isBroken, ofNodes, reasonOf, refusalsOf, selfRefusing, type Refusals } from './truth.ts'

const secondMs = 1000
const minuteMs = 60 * secondMs

/** How soon what is wrong must be told, and what is right no longer. */
const bounds = {
  /** After two volumes refuse an SVID. */
  toldMs: minuteMs,
  /** After every pair verifies again. */
  endedMs: 30 * secondMs,
  /** After the ConfigMaps of some namespaces differ from the others. It takes a moment to distribute them. */
  namespaces: { fromMs: 30 * secondMs, toMs: 3 * minuteMs },
  /** After the drivers of some nodes have other bundles than the others: a bundle that only grows may take its time. */
  nodes: { fromMs: 4 * minuteMs, toMs: 16.5 * minuteMs },
  /** After the last bundle has arrived. */
  settledMs: 10 * secondMs,
  /** While a reason changes, or a name. */
  changeMs: minuteMs,
} as const

/** How many of those that differ are named. */
const namedFirst = 3

/** For how long something has been as it is. */
class Steady<Value> {
  #value: Value | undefined
  #sinceMs = 0

  /** Returns for how long it has been so, ms. */
  is(value: Value, nowMs: number): number {
    if (value !== this.#value) this.#sinceMs = nowMs
    this.#value = value
    return nowMs - this.#sinceMs
  }
}

/** A time in which the trust domain was broken, or svidwatch said so. */
interface Span {
  readonly fromMs: number
  toMs: number
}

/** Compares what svidwatch says with what is true, again and again, and notes what is wrong. */
export class Referee {
  readonly wrong = new Set<string>()
  readonly broken: Span[] = []
  readonly told: (Span & { readonly reason: string })[] = []
  readonly skewReasons = new Set<string>()
  readonly named = new Set<string>()
  /** The largest number of pairs that one CA fails in. */
  maxPairs = 0
  readonly #fleet: Fleet
  readonly #sight: Sight
  readonly #brokenFor = new Steady<boolean>()
  readonly #wholeFor = new Steady<boolean>()
  readonly #reasonFor = new Steady<string>()
  readonly #refusedFor = new Steady<string>()
  readonly #namespacesFor = new Steady<string>()
  readonly #nodesFor = new Steady<string>()
  /** What has been noted, without its numbers: once is enough. */
  readonly #noted = new Set<string>()

  constructor(fleet: Fleet, sight: Sight) {
    this.#fleet = fleet
    this.#sight = sight
  }

  /** Judges what svidwatch says now. */
  look(problems: readonly Diagnosis[]): void {
    const volumes = this.#sight.known()
    const refusals = refusalsOf(volumes)
    const told = problems.find(({ code }) => code === 'authority_untrusted')
    this.#trust(refusals, told)
    this.#refused(
      selfRefusing(volumes).map(({ pod }) => pod),
      problems,
      told !== undefined,
    )
    this.#skew(problems, 'namespaces', different(this.#fleet.copies), this.#namespacesFor)
    // What a node has that is out of sight may have changed.
    const seen = volumes.filter(({ node }) => this.#sight.sees(node))
    this.#skew(problems, 'nodes', different(ofNodes(seen)), this.#nodesFor)
    for (const { code } of problems) if (!expected.has(code)) this.#note(`says ${code}`)
  }

  #trust(refusals: ReadonlyMap<string, Refusals>, told: Diagnosis | undefined): void {
    const { nowMs } = this.#fleet
    const broken = Array.from(refusals.values()).some(isBroken)
    this.maxPairs = Math.max(this.maxPairs, ...Array.from(refusals.values(), ({ pairs }) => pairs))
    extend(this.broken, broken, nowMs)
    if (this.#brokenFor.is(broken, nowMs) >= bounds.toldMs && broken && !told) this.#note('says nothing')
    // As long as a node is out of sight, what it told last may go on.
    const isWhole = refusals.size === 0 && this.#seesAll()
    if (this.#wholeFor.is(isWhole, nowMs) >= bounds.endedMs && isWhole && told)
      this.#note('says that pairs fail, and every pair verifies')
    const reason = broken ? reasonOf(refusals) : ''
    const isSteady = this.#reasonFor.is(reason, nowMs) >= bounds.changeMs
    if (told === undefined) return
    extend(this.told, true, nowMs, told.reason)
    if (told.subject.trust_domain !== 'example.org') this.#note(`names ${String(told.subject.trust_domain)}`)
    if (broken && isSteady && told.reason !== reason) this.#note(`says ${told.reason} for ${reason}`)
    this.#pairs(refusals, told)
  }

  /** While a node is out of sight, or bundles arrive, nobody knows how many pairs fail. */
  #pairs(refusals: ReadonlyMap<string, Refusals>, { evidence }: Diagnosis): void {
    const isSettled = this.#fleet.nowMs - this.#fleet.bundleChangedMs >= bounds.settledMs
    if (!this.#seesAll() || !isSettled) return
    const broken = Array.from(refusals.values()).filter(isBroken)
    const pairs = broken.reduce((sum, one) => sum + one.pairs, 0)
    const { authority, refusedPairs } = evidence
    if (refusedPairs !== pairs) this.#note(`says ${String(refusedPairs)} pairs of ${pairs}`)
    if (!broken.some(({ ca }) => ca.keyId === authority)) this.#note(`names the CA ${String(authority)}`)
  }

  #seesAll(): boolean {
    return this.#fleet.nodes.every((node) => this.#sight.sees(node))
  }

  /** Whoever refuses itself is named, unless the trust domain is. */
  #refused(pods: readonly string[], problems: readonly Diagnosis[], isTold: boolean): void {
    const refused = problems.filter(({ code }) => code === 'peer_refuses')
    const isSteady = this.#refusedFor.is(pods.toSorted().join(' '), this.#fleet.nowMs) >= bounds.changeMs
    if (isTold) {
      const unexplained = refused.filter(({ explainedBy }) => explainedBy !== 'authority_untrusted')
      if (unexplained.length > 0) this.#note(`does not explain ${unexplained.length} SVIDs`)
      return
    }
    const names = refused.map(({ subject }) => subject.pod ?? '')
    if (isSteady && names.toSorted().join(' ') !== pods.toSorted().join(' '))
      this.#note(`names ${names.join(' ') || 'nobody'}, and ${pods.join(' ') || 'nobody'} is refused`)
    if (isSteady) for (const name of names) this.named.add(name)
    if (refused.some(({ explainedBy }) => explainedBy !== '')) this.#note('explains SVIDs with what is not there')
  }

  #skew(
    problems: readonly Diagnosis[],
    reason: 'namespaces' | 'nodes',
    names: readonly string[],
    steady: Steady<string>,
  ): void {
    const { fromMs, toMs } = bounds[reason]
    const forMs = steady.is(names.join(' '), this.#fleet.nowMs)
    const skew = problems.find((one) => one.code === 'bundle_skew' && one.reason === reason)
    if (skew) this.skewReasons.add(reason)
    if (names.length === 0) {
      if (skew && forMs >= bounds.endedMs) this.#note(`says that ${reason} differ, and none does`)
      return
    }
    if (skew && forMs < fromMs) this.#note(`says too soon that ${reason} differ`)
    if (!skew && forMs >= toMs) this.#note(`does not say that ${reason} differ`)
    const evidence = Object.values(skew?.evidence ?? {}).join(' ')
    const missing = names.slice(0, namedFirst).filter((name) => !evidence.includes(name))
    if (skew && forMs >= bounds.changeMs && missing.length > 0) this.#note(`does not name ${missing.join(' ')}`)
  }

  #note(what: string): void {
    const minutes = ((this.#fleet.nowMs - this.#fleet.beganMs) / minuteMs).toFixed(1)
    const kind = what.replaceAll(/\d+/g, '#')
    if (!this.#noted.has(kind)) this.wrong.add(`after ${minutes} min: ${what}`)
    this.#noted.add(kind)
  }
}

/** What a rotation can bring about. */
const expected: ReadonlySet<string> = new Set(['authority_untrusted', 'peer_refuses', 'bundle_skew', 'node_blind'])

/** Prolongs the last span while something is so, or begins one. */
function extend(spans: (Span & { reason?: string })[], isSo: boolean, nowMs: number, reason?: string): void {
  if (!isSo) return
  const last = spans.at(-1)
  const isSame = last !== undefined && nowMs - last.toMs <= lookMs && last.reason === reason
  if (isSame) last.toMs = nowMs
  else spans.push({ fromMs: nowMs, toMs: nowMs, ...(reason !== undefined && { reason }) })
}

/** How often svidwatch is compared with the truth, ms. */
export const lookMs = 15 * secondMs
