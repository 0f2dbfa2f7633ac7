import { ManualClock } from './manualClock.ts'

/** A clock on which time passes as work is done. It calls `onYield` each time that the work yields. */
export class WorkingClock extends ManualClock {
  workedMs = 0
  readonly #onYield: () => void

  constructor(onYield: () => void, startMs?: number) {
    super(startMs)
    this.#onYield = onYield
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.workedMs
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms === 0) this.#onYield()
    return super.sleep(ms, signal)
  }
}
