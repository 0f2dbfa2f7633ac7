/** Where all time, timers and randomness come from. One is made at start-up and handed down; tests hand in their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /**
   * Milliseconds since an arbitrary moment, which never go back: for intervals and ages that are measured within this process.
   * `now` jumps when the clock of the machine is set.
   */
  monotonicMs(): number
  /**
   * Resolves after `ms` milliseconds, or at once (never rejecting) when `signal` aborts. 0 lets everything run that is
   * already waiting, and takes no longer than that.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A number in [0, 1). */
  random(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve()
        return
      }
      if (ms === 0) {
        // The shortest timer takes 1 ms, in which there may be nothing to do.
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

/** A signal that aborts with a `TimeoutError` after `ms`, or with its parent; `cancel` releases the timer. */
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
