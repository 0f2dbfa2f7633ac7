import { vi } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { FileCalls } from '../../src/files/fileCalls.ts'
import type { Observation } from '../../src/ledger/observations.ts'
import type { Source } from '../../src/sources/source.ts'
import { ManualClock } from './manualClock.ts'

type Kind = Observation['kind']
type OfKind<K extends Kind> = Extract<Observation, { kind: K }>

/** How long real files may take, in real time. */
const patience = { timeout: 4000, interval: 2 }

/** A ManualClock that counts its sleepers. A source sleeps for a second between looks, and briefly after a file event. */
class LookClock extends ManualClock {
  sleepers = 0

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleepers += 1
    await super.sleep(ms, signal)
    this.sleepers -= 1
  }
}

/** A running source of files with its clock and its observations. */
export class StartedSource {
  readonly observations: Observation[] = []
  /** The clock by which calls to file systems are slow or stuck. */
  readonly filesClock = new ManualClock()
  readonly files: FileCalls
  readonly #clock = new LookClock()
  readonly #source: Source

  /** `places`: how many calls to file systems may be under way. */
  constructor(create: (clock: Clock, files: FileCalls) => Source, places?: number) {
    this.files = new FileCalls(this.filesClock, places)
    this.#source = create(this.#clock, this.files)
    this.#source.start((observation) => this.observations.push(observation), new AbortController().signal)
  }

  all<K extends Kind>(kind: K): OfKind<K>[] {
    return this.observations.filter((observation): observation is OfKind<K> => observation.kind === kind)
  }

  last<K extends Kind>(kind: K): OfKind<K> | undefined {
    return this.all(kind).at(-1)
  }

  /** Waits for the current look to end, and then for `count` more, each after a second. */
  async seconds(count: number): Promise<void> {
    for (let second = 0; second <= count; second += 1) {
      if (second > 0) await this.#clock.advance(1000)
      await vi.waitFor(() => {
        if (this.#clock.sleepers === 0) throw new Error('the source is still looking')
      }, patience)
    }
  }

  /** Waits for an assertion to hold before the next look, so that only file events can make it hold. */
  async withinASecond(assertion: () => void): Promise<void> {
    let leftMs = 900
    await vi.waitFor(async () => {
      const isAwake = this.#clock.sleepers !== 1
      if (isAwake && leftMs > 0) {
        await this.#clock.advance(100)
        leftMs -= 100
      }
      assertion()
    }, patience)
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}
