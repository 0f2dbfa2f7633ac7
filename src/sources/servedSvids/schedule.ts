import type { Clock } from '../../clock.ts'

export interface ScheduleOptions<Item> {
  readonly clock: Clock
  readonly intervalMs: number
  /** The most runs at the same time: half of them, for items that are new or slow. */
  readonly atOnce: number
  /**
   * The most runs at the same time that began within about half a second. Those that take longer mostly wait, and cost less memory than
   * those that go on.
   */
  readonly youngAtOnce: number
  /** An item is slow if its last run took as long as this, ms. */
  readonly slowMs: number
  /** Works on one item. Never rejects. */
  readonly work: (item: Item) => Promise<void>
}

/** How exactly items are due. */
const tickMs = 100

/** A run is young for so many ticks. Ticks come late in a process that is held up, in which runs take long for that reason alone. */
const youngTicks = 5

/** What the last run of an item has shown. */
type Pace = 'quick' | 'new' | 'slow'

/** New items take their turn at the rate of so many in an interval, so that a list of pods makes no burst. */
const newPerInterval = 10_000

/** A new item waits for up to this share of the interval in addition, and each interval is so much shorter or longer. */
const soon = 0.1
const jitter = 0.05

interface Entry<Item> {
  readonly item: Item
  dueMs: number
  pace: Pace
  isRemoved: boolean
}

/**
 * Works on each item once in an interval, spread over the interval, and on a limited number at once. The next run of an item never
 * begins while the last one goes on. Slow items, such as servers that say nothing, may be late: others do not wait for them.
 */
export class Schedule<Item> {
  readonly #options: ScheduleOptions<Item>
  readonly #entries = new Map<Item, Entry<Item>>()
  /** What is due, by the number of the tick. */
  readonly #ticks = new Map<number, Entry<Item>[]>()
  /** What is due and waits for its turn, first come first served. */
  readonly #waiting: Readonly<Record<Pace, Set<Entry<Item>>>> = { quick: new Set(), new: new Set(), slow: new Set() }
  #lastTick: number
  #underWay = 0
  /** How many of these are not quick. */
  #unprovenUnderWay = 0
  /** How many ticks there were, and after how many the young ones began, the oldest first. */
  #count = 0
  readonly #young = new Map<Entry<Item>, number>()
  /** What waits for its first run. */
  readonly #unbegun = new Set<Entry<Item>>()
  #wake: () => void = () => undefined

  constructor(options: ScheduleOptions<Item>) {
    this.#options = options
    this.#lastTick = this.#tickOf(options.clock.monotonicMs())
  }

  /** Adds an item, which is due soon. */
  add(item: Item): void {
    const { clock, intervalMs } = this.#options
    const turnMs = clock.monotonicMs() + (this.#unbegun.size * intervalMs) / newPerInterval
    const dueMs = turnMs + soon * intervalMs * clock.random()
    const entry: Entry<Item> = { item, dueMs, pace: 'new', isRemoved: false }
    this.#unbegun.add(entry)
    this.#entries.set(item, entry)
    this.#plan(entry)
    this.#wake()
  }

  /** Removes an item. A run that is under way goes on. */
  remove(item: Item): void {
    const entry = this.#entries.get(item)
    if (entry === undefined) return
    entry.isRemoved = true
    this.#entries.delete(item)
    this.#waiting[entry.pace].delete(entry)
    this.#unbegun.delete(entry)
  }

  /** Works until `signal` aborts, and resolves once nothing is under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    while (!signal.aborted) {
      if (this.#entries.size === 0)
        await Promise.race([aborted, new Promise<void>((resolve) => (this.#wake = resolve))])
      else await clock.sleep(tickMs, signal)
      this.#takeDue()
      this.#age()
      this.#begin(signal)
    }
    while (this.#underWay > 0) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  #takeDue(): void {
    const tick = this.#tickOf(this.#options.clock.monotonicMs())
    if (this.#ticks.size === 0) this.#lastTick = tick
    for (; this.#lastTick < tick; this.#lastTick += 1) {
      for (const entry of this.#ticks.get(this.#lastTick + 1) ?? [])
        if (!entry.isRemoved) this.#waiting[entry.pace].add(entry)
      this.#ticks.delete(this.#lastTick + 1)
    }
  }

  /** Lets go of the runs that are not young any more. */
  #age(): void {
    this.#count += 1
    for (const [entry, began] of this.#young) {
      if (this.#count - began < youngTicks) return
      this.#young.delete(entry)
    }
  }

  #begin(signal: AbortSignal): void {
    for (let entry = this.#next(); !signal.aborted && entry !== undefined; entry = this.#next())
      void this.#run(entry).then(() => this.#begin(signal))
  }

  /** Returns what is to be begun now: what is quick first, and then what is new. */
  #next(): Entry<Item> | undefined {
    const { atOnce, youngAtOnce } = this.#options
    if (this.#underWay >= atOnce || this.#young.size >= youngAtOnce) return undefined
    const { quick, new: unknown, slow } = this.#waiting
    return firstOf(quick) ?? (this.#unprovenUnderWay < atOnce / 2 ? (firstOf(unknown) ?? firstOf(slow)) : undefined)
  }

  async #run(entry: Entry<Item>): Promise<void> {
    const { clock, slowMs, work } = this.#options
    const unproven = entry.pace === 'quick' ? 0 : 1
    const beganMs = clock.monotonicMs()
    this.#waiting[entry.pace].delete(entry)
    this.#unbegun.delete(entry)
    this.#underWay += 1
    this.#unprovenUnderWay += unproven
    this.#young.set(entry, this.#count)
    await work(entry.item)
    this.#young.delete(entry)
    this.#underWay -= 1
    this.#unprovenUnderWay -= unproven
    this.#wake()
    entry.pace = clock.monotonicMs() - beganMs < slowMs ? 'quick' : 'slow'
    this.#planNext(entry)
  }

  #planNext(entry: Entry<Item>): void {
    if (entry.isRemoved) return
    const { clock, intervalMs } = this.#options
    entry.dueMs = Math.max(entry.dueMs + intervalMs * (1 + jitter * (2 * clock.random() - 1)), clock.monotonicMs())
    this.#plan(entry)
  }

  #plan(entry: Entry<Item>): void {
    const tick = Math.max(this.#tickOf(entry.dueMs), this.#lastTick) + 1
    const others = this.#ticks.get(tick)
    if (others === undefined) this.#ticks.set(tick, [entry])
    else others.push(entry)
  }

  #tickOf(ms: number): number {
    return Math.floor(ms / tickMs)
  }
}

function firstOf<Value>(values: ReadonlySet<Value>): Value | undefined {
  const [first] = values
  return first
}
