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
    if (this.#targets.has(name)) return
    this.#targets.set(name, { up: undefined, lastContact: undefined, trouble: undefined, lostMs: undefined })
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
    target.lostMs ??= nowMs
    target.trouble = { reason, detail, sinceMs: isNew ? nowMs : before.sinceMs }
    if (isNew) this.#notify(name, { is: 'lost', reason, detail })
  }

  delete(name: string): void {
    if (this.#targets.delete(name)) this.#notify(name, { is: 'gone' })
  }

  /** Returns the last contact with the target; undefined: never. */
  lastContact(name: string): Instant | undefined {
    return this.#targets.get(name)?.lastContact
  }

  /** Returns until when the target is known, ms since the Unix epoch: now while it can be seen. Undefined: it was never seen. */
  knownUntilMs(name: string): number | undefined {
    const { up, lastContact, lostMs } = this.#targets.get(name) ?? {}
    if (up === true) return this.#clock.now()
    return lastContact && Math.max(lastContact.wallMs, lostMs ?? -Infinity)
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
    const { up, lastContact, trouble, lostMs } = this.#target(name)
    return {
      concluded: up !== undefined,
      up: up === true,
      ...(lastContact && { lastContactMs: lastContact.wallMs }),
      ...(trouble && { trouble }),
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
    change: { is: 'seen' | 'found' | 'gone' } | { is: 'lost'; reason: string; detail: string },
  ): void {
    this.#followers.notify('sight', { target: this.#kind, name, ...change })
  }
}

interface Sight<Reason extends string> {
  /** Undefined until the first look has concluded. */
  up: boolean | undefined
  lastContact: Instant | undefined
  trouble: Trouble<Reason> | undefined
  lostMs: number | undefined
}
