import type { Chance } from '../paging/chance.ts'
import { Replica, type Surroundings } from './replica.ts'
import type { Troubles } from './troubles.ts'
import { minuteMs, stepMs } from './world.ts'

const replicas = 3
const wrongClock = 'watchdog-1'
/** For how long a replica that died is away, and one stands still, at most. */
const restartsWithinMs = minuteMs
const pausesMs = 3 * minuteMs

interface Running {
  readonly replica: Replica
  readonly round: Generator<undefined, void>
  /** It is dead, or stands still, until then. */
  readonly untilMs: number
}

/** The replicas of the watchdog, which die and stand still. */
export class Watchers {
  readonly #around: Surroundings
  readonly #chance: Chance
  readonly #troubles: Troubles
  readonly #running: Running[]

  constructor(around: Surroundings, chance: Chance, troubles: Troubles) {
    this.#around = around
    this.#chance = chance
    this.#troubles = troubles
    this.#running = Array.from({ length: replicas }, (_, i) => this.#startOf(`watchdog-${i}`, 0))
  }

  /** Each replica goes on, to the end of its round. */
  step(): void {
    for (const [i, one] of this.#running.entries()) this.#running[i] = this.#goOn(one)
  }

  #startOf(name: string, untilMs: number): Running {
    // The clock of one of them is two hours off.
    const ownMs = name === wrongClock ? 120 * minuteMs : 0
    const replica = new Replica(name, this.#around, { ownMs, apiMs: this.#chance.between(-minuteMs, minuteMs) })
    return { replica, round: replica.round(), untilMs }
  }

  #goOn(running: Running): Running {
    const { nowMs } = this.#around.world
    if (nowMs < running.untilMs) return running
    while (!running.round.next().done) {
      if (this.#chance.happens(this.#troubles.kills))
        return this.#startOf(running.replica.name, nowMs + this.#chance.between(stepMs, restartsWithinMs))
      if (this.#chance.happens(this.#troubles.pauses))
        return { ...running, untilMs: nowMs + this.#chance.between(stepMs, pausesMs) }
    }
    return { ...running, round: running.replica.round() }
  }
}
