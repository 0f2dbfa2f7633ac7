import { ManualClock } from './manualClock.ts'

/** A clock on which time passes as work is done. It calls `onTurn` in each turn of the event loop that work waits for. */
export class WorkingClock extends ManualClock {
  workedMs = 0
  /** How long the machine ran something else. */
  heldUpMs = 0
  readonly #onTurn: () => void

  constructor(onTurn: () => void, startMs?: number) {
    super(startMs)
    this.#onTurn = onTurn
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.workedMs + this.heldUpMs
  }

  override processorMs(): number {
    return this.workedMs
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await super.sleep(ms, signal)
    if (ms === 0) this.#onTurn()
  }
}
