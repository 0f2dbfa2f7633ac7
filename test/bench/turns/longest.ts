/** One turn of the event loop that took its time. Times are ms; `startMs` and `endMs` are of `performance.now()`. */
export interface Turn {
  readonly startMs: number
  readonly endMs: number
  /** How long it took by the clock, without the time for which the loop waited. */
  readonly busyMs: number
  /** Of the processor, in the thread of the loop. */
  readonly cpuMs: number
}

/** A pause of the thread for collecting garbage. */
export interface Pause {
  readonly startMs: number
  readonly ms: number
}

/** The longest turn, in ms of processor time of its own; garbage collection in a turn is told apart. 0: there was none. */
export interface Longest {
  readonly ownMs: number
  /** The most that collecting garbage took in one turn. */
  readonly collectingMs: number
}

/** Returns the longest of some turns, which follow each other, with the pauses in them. */
export function longestOf(turns: readonly Turn[], pauses: readonly Pause[]): Longest {
  const all = turns.map((turn) => split(turn, pauses))
  return {
    ownMs: all.reduce((most, { ownMs }) => Math.max(most, ownMs), 0),
    collectingMs: all.reduce((most, { collectingMs }) => Math.max(most, collectingMs), 0),
  }
}

/** Pauses are told by the clock: where others had the processor in a turn, a pause is taken to have lost its share to them. */
function split({ startMs, endMs, busyMs, cpuMs }: Turn, pauses: readonly Pause[]): Longest {
  const within = pauses.filter((pause) => pause.startMs >= startMs && pause.startMs < endMs)
  const pausedMs = within.reduce((sum, { ms }) => sum + ms, 0)
  const collectingMs = cpuMs * Math.min(1, pausedMs / busyMs)
  return { ownMs: cpuMs - collectingMs, collectingMs }
}
