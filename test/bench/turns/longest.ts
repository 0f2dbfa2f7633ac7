/**
 * A trace event as Node's inspector tells it (`NodeTracing.dataCollected`): something that a thread did. Times are µs of the
 * processor in that thread: `tts` is when it began, `tdur` what it took.
 */
export interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly tts: number
  readonly tdur: number
}

/** The categories that must be traced for `longestOf`. */
export const tracedCategories: readonly string[] = ['node.environment', 'v8']

/** The longest turn, in ms of processor time of its own; garbage collection in a turn is told apart. */
export interface Longest {
  readonly ownMs: number
  /** The most that collecting garbage took in one turn. */
  readonly collectingMs: number
}

/** Node looks for immediates once in each turn of the event loop, after it has polled. */
const turnEnd = 'CheckImmediate'
/** Pauses for whole collections, and the steps of marking between them, which `perf_hooks` does not tell of. */
const collection = 'V8.GC'

/**
 * Returns the longest turn of the event loop of the process's main thread. Turns whose begin or end was not traced do not count.
 * Throws if no turn was traced.
 */
export function longestOf(events: readonly TraceEvent[]): Longest {
  const ofLoop = events.filter(({ pid, tid }) => tid === pid).sort((a, b) => a.tts - b.tts)
  let longest: Longest | undefined
  let begunUs: number | undefined
  let collectingUs = 0
  let collectedUntilUs = 0
  for (const { name, tts, tdur } of ofLoop) {
    if (name === turnEnd) {
      if (begunUs !== undefined) longest = longerOf(longest, tts - begunUs, collectingUs)
      begunUs = tts
      collectingUs = 0
    } else if (name.startsWith(collection) && tts >= collectedUntilUs) {
      // A collection within another one is part of it.
      collectingUs += tdur
      collectedUntilUs = tts + tdur
    }
  }
  if (longest === undefined) throw new Error(`no turn of the event loop was traced: there are no two ${turnEnd} events`)
  return longest
}

function longerOf(longest: Longest | undefined, turnUs: number, collectingUs: number): Longest {
  const { ownMs = 0, collectingMs = 0 } = longest ?? {}
  return {
    ownMs: Math.max(ownMs, (turnUs - collectingUs) / 1000),
    collectingMs: Math.max(collectingMs, collectingUs / 1000),
  }
}
