import { instantOf, type Clock, type Instant } from '../../clock.ts'
import type { Followers } from '../changes.ts'
import type { SightView, TargetKind } from './view.ts'

type Trouble<Reason extends string> = NonNullable<SightView<Reason>['trouble']>

/**
 * Sights knows whether each target of one kind can be seen: sources, node roles or bundle endpoints. A target can be seen from a
 * contact, which is evidence that it answered, until trouble. Its last contact is the time of the last evidence.
 */
export class Sights<Reason extends string> {
  readonly #kind: TargetKind
  readonly #clock: Clock
  readonly #followers: Followers
  readonly #targets = new Map<string, Sight<Reason>>()

  constructor(kind: TargetKind, clock: Clock, followers: Followers) {
    this.#kind = kind
    this.#clock = clock
    this.#followers = followers
  }

  /** Adds a target without evidence, unless it is known. */
  add(name: string): void {
    if (!this.#targets.has(name)) this.#targets.set(name, { up: undefined })
  }

  /**
   * Restores the last contact that an earlier process had with the target, ms since the Unix epoch. It was before everything that
   * this process has seen.
   */
  recall(name: string, lastContactMs: number): void {
    this.#target(name).lastContact = { wallMs: lastContactMs, monotonicMs: -Infinity }
  }

  /** The target has answered now. */
  contact(name: string): void {
    const target = this.#target(name)
    const { up } = target
    target.lastContact = instantOf(this.#clock)
    if (up === true) return
    target.up = true
    target.trouble = undefined
    target.absent = undefined
    target.lostMs = undefined
    this.#notify(name, { is: up === undefined ? 'seen' : 'found' })
  }

  /** The target cannot be seen. Trouble with another reason is new trouble, but the target was lost before. */
  lose(name: string, reason: Reason, detail: string): void {
    const target = this.#target(name)
    const before = target.trouble
    const isNew = before?.reason !== reason
    const nowMs = this.#clock.now()
    target.up = false
    target.absent = undefined
    target.lostMs ??= nowMs
    target.trouble = { reason, detail, sinceMs: isNew ? nowMs : before.sinceMs }
    if (isNew) this.#notify(name, { is: 'lost', reason, detail })
  }

  /** The target does not exist and never has. */
  absent(name: string, detail: string): void {
    const target = this.#target(name)
    if (target.absent !== undefined) return
    this.#targets.set(name, { up: undefined, absent: { detail, sinceMs: this.#clock.now() } })
    this.#notify(name, { is: 'absent', detail })
  }

  delete(name: string): void {
    if (this.#targets.delete(name)) this.#notify(name, { is: 'gone' })
  }

  /** Returns the last contact with the target; undefined: never. */
  lastContact(name: string): Instant | undefined {
    return this.#targets.get(name)?.lastContact
  }

  /**
   * Returns until when the target is known, ms since the Unix epoch: until the last evidence, also while the target can be seen, because
   * nobody knows yet whether silence is an outage. Undefined: it was never seen.
   */
  knownUntilMs(name: string): number | undefined {
    const lastContact = this.#targets.get(name)?.lastContact
    if (lastContact === undefined) return undefined
    const ageMs = this.#clock.monotonicMs() - lastContact.monotonicMs
    return ageMs === Infinity ? lastContact.wallMs : this.#clock.now() - ageMs
  }

  isUp(name: string): boolean {
    return this.#targets.get(name)?.up === true
  }

  has(name: string): boolean {
    return this.#targets.has(name)
  }

  names(): Iterable<string> {
    return this.#targets.keys()
  }

  /** Returns the view of a target for outputs. Values that are not known yet are left out. */
  view(name: string): SightView<Reason> {
    const { up, lastContact, trouble, absent, lostMs } = this.#target(name)
    return {
      concluded: up !== undefined || absent !== undefined,
      up: up === true,
      ...(lastContact && { lastContactMs: lastContact.wallMs }),
      ...(trouble && { trouble }),
      ...(absent && { absent }),
      ...(lostMs !== undefined && { lostMs }),
    }
  }

  #target(name: string): Sight<Reason> {
    const target = this.#targets.get(name)
    if (target === undefined) throw new Error(`the ${this.#kind} ${name} was not added to the ledger before this step`)
    return target
  }

  #notify(
    name: string,
    change:
      | { is: 'seen' | 'found' | 'gone' }
      | { is: 'absent'; detail: string }
      | { is: 'lost'; reason: string; detail: string },
  ): void {
    this.#followers.notify('sight', { target: this.#kind, name, ...change })
  }
}

interface Sight<Reason extends string> {
  /** Undefined until the first look has concluded, and while the target does not exist. */
  up: boolean | undefined
  lastContact?: Instant | undefined
  trouble?: Trouble<Reason> | undefined
  absent?: SightView<Reason>['absent'] | undefined
  lostMs?: number | undefined
}
