import { ManualClock } from './manualClock.ts'

/** A clock of a process that works: time passes with the work, and it tells of each time that the work gives way. */
export class WorkingClock extends ManualClock {
  workedMs = 0
  readonly #onGivingWay: () => void

  constructor(onGivingWay: () => void, startMs?: number) {
    super(startMs)
    this.#onGivingWay = onGivingWay
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.workedMs
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms === 0) this.#onGivingWay()
    return super.sleep(ms, signal)
  }
}
