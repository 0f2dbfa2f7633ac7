import type { Clock } from '../../clock.ts'
import { storedTotalsLength } from './checkpoint.ts'
import type { NamedIssuers } from './namedIssuers.ts'
import type { RequestObservation } from './observations.ts'
import { Shares, unknownNamespace, unusedMs } from './shares.ts'
import type { IssuerTotals, Totals } from './totals.ts'
import { WithoutPlace } from './withoutPlace.ts'

/** The most characters that all totals together take in the checkpoint: 160 to 330 issuers, by the length of names. */
const maxTotalsLength = 360_000

export interface ProvenIssuersOptions {
  readonly clock: Clock
  readonly totals: Totals
  /** The most issuers; each counts once for each trust domain in which it has issued. */
  readonly limit: number
  /** The issuers that requests name at present. */
  readonly named: NamedIssuers
  /** Reports whether all requests have been listed. */
  readonly isListed: () => boolean
}

/**
 * ProvenIssuers gives the issuers that have issued an SVID their places in the totals. These are divided between the namespaces that
 * use the issuers. A namespace uses an issuer while a request in it names the issuer, and for a day after its last one was issued.
 */
export class ProvenIssuers {
  readonly #options: ProvenIssuersOptions
  readonly #totals: Totals
  readonly #shares = new Shares()
  readonly #withoutPlace: WithoutPlace

  constructor(options: ProvenIssuersOptions) {
    this.#options = options
    this.#totals = options.totals
    this.#withoutPlace = new WithoutPlace(options.limit)
    this.resume()
  }

  /** The number of issuers that have no totals of their own, up to the limit of those that have. */
  get withoutPlace(): number {
    return this.#withoutPlace.count
  }

  /** Continues from restored totals. */
  resume(): void {
    this.#totals.findOrAdd('', '')
    const nowMs = this.#options.clock.now()
    for (const one of this.#all().filter(isNamed)) this.#use(one, one.namespace, isProven(one) ? one.usedMs : nowMs)
    for (const one of this.#all().filter(isProven)) this.#registerAnywhere(one.issuer, one.namespace)
  }

  /** Returns the issuers that have issued an SVID, now or before a restart: no more than the limit. */
  names(): ReadonlySet<string> {
    return new Set(this.#all().flatMap((one) => (isProven(one) ? one.issuer : [])))
  }

  /** Registers the names in an issued request, so that their series begin at zero, if there is room. */
  issued({ trustDomain, issuer, namespace }: RequestObservation): void {
    const nowMs = this.#options.clock.now()
    const known = this.#totals.find(trustDomain, issuer)
    const key = keyOf({ trustDomain, issuer })
    if (known === undefined && !this.#makeRoomFor(trustDomain, issuer, namespace))
      return this.#withoutPlace.add(key, nowMs)
    this.#withoutPlace.delete(key)
    // Counts the requests to issuers that have not issued in this trust domain.
    this.#totals.findOrAdd(trustDomain, '')
    const totals = known ?? this.#totals.findOrAdd(trustDomain, issuer)
    this.#use(totals, namespace, nowMs)
    if (known === undefined) {
      totals.usedMs = nowMs
      this.#registerAnywhere(issuer, namespace)
    }
    const anywhere = this.#totals.find('', issuer)
    if (anywhere) this.#use(anywhere, namespace, nowMs)
  }

  /** Forgets the issuers that no namespace uses. Forgets none before it is known which requests there are. */
  forgetOld(): void {
    const { clock, named, isListed } = this.#options
    if (!isListed()) return
    const nowMs = clock.now()
    const isUsed = (key: string, namespace: string = unknownNamespace) =>
      named.has(namesIn(key).issuer, namespace === unknownNamespace ? undefined : namespace)
    this.#withoutPlace.forget(nowMs - unusedMs, isUsed)
    const unused = this.#shares.forget(nowMs - unusedMs, nowMs, isUsed)
    if (unused.length > 0) this.#remove(new Set(unused.flatMap((key) => this.#find(key) ?? [])))
  }

  #all(): readonly IssuerTotals[] {
    return [...this.#totals.all()]
  }

  #find(key: string): IssuerTotals | undefined {
    const { trustDomain, issuer } = namesIn(key)
    return this.#totals.find(trustDomain, issuer)
  }

  #use(totals: IssuerTotals, namespace: string, nowMs: number): void {
    const key = keyOf(totals)
    this.#shares.use(key, namespace, nowMs, this.#shares.has(key) ? 0 : lengthOf([totals]))
    totals.namespace = this.#shares.ownerOf(key)
  }

  /** Registers an issuer for the trust domains in which it has issued nothing, if there is room or others use more. */
  #registerAnywhere(issuer: string, namespace: string): void {
    if (this.#totals.find('', issuer)) return
    const needed = storedTotalsLength('', issuer)
    const fits = (staying: readonly IssuerTotals[]) => lengthOf(staying) + needed <= maxTotalsLength
    const leaving = this.#leaving(fits, this.#displaceable(namespace, needed))
    if (leaving === undefined) return
    this.#remove(leaving)
    this.#use(this.#totals.findOrAdd('', issuer), namespace, this.#options.clock.now())
  }

  /**
   * Reports whether there is room for the issuer, after removing others if needed: first those that only its namespace uses and that
   * are unused for a day, the longest unused first, then those of namespaces that use more. Removes none if that is not enough.
   */
  #makeRoomFor(trustDomain: string, issuer: string, namespace: string): boolean {
    const needed = storedTotalsLength(trustDomain, issuer) + storedTotalsLength(trustDomain, '')
    const hasPlace = (staying: readonly IssuerTotals[]) => staying.filter(isProven).length < this.#options.limit
    const fits = (staying: readonly IssuerTotals[]) =>
      hasPlace(staying) && lengthOf(staying) + needed <= maxTotalsLength
    const size = storedTotalsLength(trustDomain, issuer) + storedTotalsLength('', issuer)
    const candidates = this.#candidates(namespace, size, !hasPlace(this.#all()))
    const leaving = this.#leaving(fits, candidates, trustDomain)
    if (leaving === undefined) return false
    this.#remove(leaving, trustDomain)
    return true
  }

  /** `lacksPlace`: it does not help if only what issuers did for other trust domains leaves. */
  *#candidates(namespace: string, size: number, lacksPlace: boolean): Iterable<IssuerTotals> {
    const overMs = this.#options.clock.now() - unusedMs
    const unused = this.#all()
      .filter((one) => isNamed(one) && one.usedMs <= overMs && one.namespace === namespace)
      .sort((one, other) => one.usedMs - other.usedMs)
    const [issuers, spare] = [unused.filter(isProven), unused.filter((one) => !isProven(one))]
    const first = lacksPlace ? issuers.splice(0, 1) : []
    yield* first
    let placeIsFree = !lacksPlace || first.length > 0
    if (placeIsFree) yield* [...spare, ...issuers]
    for (const one of this.#displaceable(namespace, size, (key) => placeIsFree || namesIn(key).trustDomain !== '')) {
      placeIsFree = true
      yield one
    }
  }

  *#displaceable(namespace: string, size: number, mayLeave?: (key: string) => boolean): Iterable<IssuerTotals> {
    const keepsUnknown = !this.#options.isListed()
    for (const key of this.#shares.displaceable(namespace, { size, keepsUnknown, ...(mayLeave && { mayLeave }) })) {
      const totals = this.#find(key)
      if (totals) yield totals
    }
  }

  /** Returns the first candidates, as many as must leave until the rest fits; undefined if all are not enough. */
  #leaving(
    fits: (staying: readonly IssuerTotals[]) => boolean,
    candidates: Iterable<IssuerTotals>,
    trustDomain = '',
  ): ReadonlySet<IssuerTotals> | undefined {
    const leaving = new Set<IssuerTotals>()
    const all = this.#all()
    if (fits(all)) return leaving
    for (const candidate of candidates) {
      leaving.add(candidate)
      if (fits(without(all, leaving, trustDomain))) return leaving
    }
    return undefined
  }

  /** Removes these totals, and what is of no use without them. `trustDomain` stays. */
  #remove(leaving: ReadonlySet<IssuerTotals>, trustDomain = ''): void {
    if (leaving.size === 0) return
    const all = this.#all()
    const staying = new Set(without(all, leaving, trustDomain))
    for (const one of all) {
      if (staying.has(one)) continue
      this.#totals.delete(one)
      this.#shares.delete(keyOf(one))
      if (isProven(one)) this.#withoutPlace.add(keyOf(one), one.usedMs)
    }
  }
}

const keyOf = ({ trustDomain, issuer }: Pick<IssuerTotals, 'trustDomain' | 'issuer'>): string =>
  `${trustDomain}\0${issuer}`

function namesIn(key: string): Pick<IssuerTotals, 'trustDomain' | 'issuer'> {
  const end = key.indexOf('\0')
  return { trustDomain: key.slice(0, end), issuer: key.slice(end + 1) }
}

/** Returns how many characters the totals take at most when they are stored. */
const lengthOf = (all: readonly IssuerTotals[]): number =>
  all.reduce((sum, one) => sum + storedTotalsLength(one.trustDomain, one.issuer), 0)

const isNamed = ({ issuer }: IssuerTotals): boolean => issuer !== ''

/** Reports whether the totals are those of an issuer in a trust domain in which it has issued. */
const isProven = ({ trustDomain, issuer }: IssuerTotals): boolean => issuer !== '' && trustDomain !== ''

/**
 * Returns the totals that stay. A trust domain leaves with its last issuer, except `trustDomain`, which gets a new one. What an issuer
 * never did for other trust domains leaves with its last trust domain.
 */
function without(
  all: readonly IssuerTotals[],
  leaving: ReadonlySet<IssuerTotals>,
  trustDomain: string,
): readonly IssuerTotals[] {
  const staying = all.filter((one) => !leaving.has(one))
  const proven = staying.filter(isProven)
  const domains = new Set(['', trustDomain, ...proven.map((one) => one.trustDomain)])
  const issuers = new Set(['', ...proven.map((one) => one.issuer)])
  return staying.filter((one) => domains.has(one.trustDomain) && (one.usedMs > 0 || issuers.has(one.issuer)))
}
