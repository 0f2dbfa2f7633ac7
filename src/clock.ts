/** Clock is the source of all time, timers and randomness. One is made at start-up and passed down; tests pass their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /**
   * Milliseconds since an arbitrary moment, which never go back. Use it for intervals and ages within this process, because `now`
   * jumps when the machine's clock is set.
   */
  monotonicMs(): number
  /**
   * Milliseconds for which the processor has run this thread. Time in which the thread had to wait for the processor does not count,
   * such as on a busy machine, or while the limit of a container holds it up. It is exact to a few milliseconds.
   */
  processorMs(): number
  /**
   * Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. With 0, it resolves as soon as the work
   * that is already waiting has run.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A number in [0, 1). */
  random(): number
}

/** One moment in both times of a clock: ms since the Unix epoch, and in the time of `Clock.monotonicMs`. */
export interface Instant {
  readonly wallMs: number
  readonly monotonicMs: number
}

export const instantOf = (clock: Clock): Instant => ({ wallMs: clock.now(), monotonicMs: clock.monotonicMs() })

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  processorMs: () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  },
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve()
        return
      }
      if (ms === 0) {
        // The shortest timer takes 1 ms, which would be idle if no work is waiting.
        setImmediate(resolve)
        return
      }
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
  random: () => Math.random(),
}

/** Returns a signal that aborts with a `TimeoutError` after `ms`, or with its parent. `cancel` releases the timer. */
export function deadline(clock: Clock, ms: number, parent?: AbortSignal): { signal: AbortSignal; cancel: () => void } {
  const timeout = new AbortController()
  const done = new AbortController()
  void clock.sleep(ms, done.signal).then(() => {
    if (!done.signal.aborted) timeout.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'))
  })
  return {
    signal: parent === undefined ? timeout.signal : AbortSignal.any([timeout.signal, parent]),
    cancel: () => done.abort(),
  }
}
