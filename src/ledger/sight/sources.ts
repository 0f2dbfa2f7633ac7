import type { Clock, Instant } from '../../clock.ts'
import type { Followers } from '../changes.ts'
import { addReason, noReasons } from '../counts.ts'
import {
  customResources,
  namespacedSources,
  wholeCluster,
  type Part,
  type SourceName,
  type SourceStep,
  type WatchedPart,
} from './observations.ts'
import { rejectionReasons, troubleReasons, type RejectionReason, type TroubleReason } from './reasons.ts'
import { Sights } from './sight.ts'
import type { Refusal, SightView, SourceStatus } from './view.ts'

/** What was counted for a source so far, and its last refused inputs. */
interface SourceCounts {
  readonly troubles: Map<TroubleReason, number>
  readonly rejections: Map<RejectionReason, number>
  lastRejected: SourceStatus['lastRejected']
  withoutPlace: number
}

type Lost = Omit<Extract<SourceStep, { readonly kind: 'trouble' }>, 'kind'>

export interface SourcesOptions {
  readonly clock: Clock
  readonly sources: readonly SourceName[]
  /** The namespaces that the namespaced sources watch one by one; undefined if they watch the whole cluster. */
  readonly namespaces?: readonly Part[] | undefined
  /** The names of the objects that a source watches one by one. */
  readonly names?: Readonly<Partial<Record<SourceName, readonly string[]>>> | undefined
  readonly followers: Followers
}

/** An input that is refused again and again is kept once. */
const maxLastRejected = 10

/**
 * Sources holds the sources of this process: whether each sees its system, and what it refused. A source that watches namespaces
 * one by one has a target of sight for each, so that losing sight of one changes nothing in the others. As a whole, it can be seen
 * while all of them can.
 */
export class Sources {
  readonly #followers: Followers
  readonly #sights: Sights<TroubleReason>
  readonly #counts: ReadonlyMap<SourceName, SourceCounts>
  readonly #namespaces: readonly Part[] | undefined
  readonly #names: NonNullable<SourcesOptions['names']>
  /** The sources of custom resources whose CRD was installed at some time. */
  readonly #installed = new Set<SourceName>()

  constructor({ clock, sources, followers, namespaces, names = {} }: SourcesOptions) {
    this.#followers = followers
    this.#sights = new Sights('source', clock, followers)
    this.#counts = new Map(sources.map((source) => [source, noCounts()]))
    this.#namespaces = namespaces
    this.#names = names
    for (const source of sources) for (const target of this.#targetsOf(source)) this.#sights.add(target)
  }

  take(step: SourceStep): void {
    switch (step.kind) {
      case 'contact':
        if (step.source in customResources) this.#installed.add(step.source)
        for (const target of this.#targetsOf(step.source, step)) this.#sights.contact(target)
        return
      case 'trouble':
        return this.#lose(step)
      case 'absent':
        if (this.#installed.has(step.source)) return this.#lose({ ...step, reason: 'not_found' })
        for (const target of this.#targetsOf(step.source, step)) this.#sights.absent(target, step.detail)
        return
      case 'rejected':
        return this.refuse(step)
      case 'withoutPlace':
        this.#countsOf(step.source).withoutPlace = step.count
        return
    }
  }

  /** Restores which sources of custom resources an earlier process has seen. One that is absent has lost sight. */
  restore(installed: readonly SourceName[]): void {
    for (const source of installed) {
      if (!(source in customResources)) continue
      this.#installed.add(source)
      const { absent } = this.status(source) ?? {}
      if (absent) this.#lose({ source, reason: 'not_found', detail: absent.detail })
    }
  }

  /** Returns the sources of custom resources to remember over a restart. Those that are no longer watched are forgotten. */
  memory(): readonly SourceName[] {
    return [...this.#installed].filter((source) => this.#counts.has(source)).sort()
  }

  /** Counts trouble with a part of what the source watches, while it sees the rest. */
  count(source: SourceName, reason: TroubleReason): void {
    addReason(this.#countsOf(source).troubles, reason)
  }

  refuse({ source, reason, where, detail }: Refusal): void {
    const counts = this.#countsOf(source)
    addReason(counts.rejections, reason)
    const others = counts.lastRejected.filter(
      (other) => other.reason !== reason || other.where !== where || other.detail !== detail,
    )
    counts.lastRejected = [...others, { reason, where, detail }].slice(-maxLastRejected)
    this.#followers.notify('refused', { source, reason, where, detail })
  }

  /**
   * Returns the last contact of a source with a namespace, or with everything that it watches; undefined: never, or another
   * process's source.
   */
  lastContact(source: SourceName, namespace?: string): Instant | undefined {
    const contacts = this.#targetsOf(source, { namespace }).map((target) => this.#sights.lastContact(target))
    return contacts.reduce((one, other) => (one && other && other.monotonicMs < one.monotonicMs ? other : one && other))
  }

  /**
   * Returns until when the system of a source is known, or a namespace of it, ms since the Unix epoch: until the last evidence.
   * Undefined: it was never seen.
   */
  knownUntilMs(source: SourceName, namespace?: string): number | undefined {
    const known = this.#targetsOf(source, { namespace }).map((target) => this.#sights.knownUntilMs(target))
    return known.reduce((one, other) => one && other && Math.min(one, other))
  }

  /** Reports whether a source sees its system, as far as is known. */
  isUp(source: SourceName, namespace?: string): boolean {
    return this.#targetsOf(source, { namespace }).every((target) => this.#sights.isUp(target))
  }

  /** Returns the status of one source; undefined if it is not a source of this process. */
  status(source: SourceName): SourceStatus | undefined {
    const counts = this.#counts.get(source)
    return counts && { source, ...this.#sightOf(source), ...counts }
  }

  all(): readonly SourceStatus[] {
    return [...this.#counts].map(([source, counts]) => ({ source, ...this.#sightOf(source), ...counts }))
  }

  #sightOf(source: SourceName): SightView<TroubleReason> {
    const parts = this.#names[source] ? 'watches' : 'namespaces'
    return asOne(
      this.#targetsOf(source).map((target) => this.#sights.view(target)),
      parts,
    )
  }

  /** Returns the names of the targets of a source, or of those of a part of what it watches. */
  #targetsOf(source: SourceName, { namespace, name }: WatchedPart = {}): readonly [string, ...string[]] {
    const [first, ...others] = this.#targetsByName(source, name)
    const [one, ...more] = (isNamespaced(source) ? this.#namespaces : undefined) ?? []
    if (one === undefined) return [first, ...others]
    const inNamespace = (part: Part) => [first, ...others].map((target) => `${target} in ${part}`)
    // A pod that is not known yet has no namespace.
    const isOfAll = namespace === undefined || namespace === wholeCluster
    const targets = isOfAll ? [one, ...more].flatMap(inNamespace) : inNamespace(namespace)
    const [head = source, ...tail] = targets
    return [head, ...tail]
  }

  #targetsByName(source: SourceName, name: string | undefined): readonly [string, ...string[]] {
    const [first, ...others] = this.#names[source] ?? []
    if (first === undefined) return [source]
    const target = (one: string) => `${source} ${one}`
    return name === undefined ? [target(first), ...others.map(target)] : [target(name)]
  }

  #lose({ source, reason, detail, ...part }: Lost): void {
    for (const target of this.#targetsOf(source, part)) this.#sights.lose(target, reason, detail)
    this.count(source, reason)
  }

  #countsOf(source: SourceName): SourceCounts {
    const counts = this.#counts.get(source)
    if (counts === undefined) throw new Error(`the ledger was created without the source ${source}`)
    return counts
  }
}

const noCounts = (): SourceCounts => ({
  troubles: noReasons(troubleReasons),
  rejections: noReasons(rejectionReasons),
  lastRejected: [],
  withoutPlace: 0,
})

const isNamespaced = (source: SourceName): boolean => namespacedSources.some((name) => name === source)

/**
 * Returns the sight of several targets together: up while all are, otherwise with the trouble that began first, and lost since the
 * first of them was. `parts` is what they are.
 */
function asOne<Reason extends string>(
  views: readonly SightView<Reason>[],
  parts: 'namespaces' | 'watches',
): SightView<Reason> {
  const [only] = views
  if (only !== undefined && views.length === 1) return only
  const contacts = views.map(({ lastContactMs = -Infinity }) => lastContactMs)
  const [trouble, ...others] = views
    .flatMap((view) => view.trouble ?? [])
    .toSorted((one, other) => one.sinceMs - other.sinceMs)
  const lastContactMs = Math.min(...contacts)
  const lostMs = Math.min(...views.flatMap((view) => view.lostMs ?? []))
  const more = others.length === 0 ? '' : `; ${others.length} more of ${views.length} ${parts} cannot be seen`
  return {
    concluded: views.every(({ concluded }) => concluded),
    up: views.every(({ up }) => up),
    ...(lastContactMs > -Infinity && { lastContactMs }),
    ...(trouble && { trouble: { ...trouble, detail: trouble.detail + more } }),
    ...(only?.absent && views.every(({ absent }) => absent) && { absent: only.absent }),
    ...(lostMs < Infinity && { lostMs }),
  }
}
