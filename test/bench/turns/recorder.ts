/**
 * Preloaded into a program (`node --import`), it records the turns of the event loop of its thread: told `begin`, it forgets
 * all turns so far; told `end`, it sends the longest turn since (`Longest`). Both are messages of the process that has started it.
 */
/* eslint-disable no-restricted-globals -- the event loop itself is what is measured */
import { longestOf, type Longest, type Pause, type Turn } from './longest.ts'

/** Shorter turns are not kept, in ms of processor time: they are most of them. */
const keptMs = 0.5

let turns: Turn[] = []
let pauses: Pause[] = []
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) pauses.push({ startMs: startTime, ms: duration })
}).observe({ entryTypes: ['gc'] })

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

interface Moment {
  readonly atMs: number
  readonly cpuMs: number
  /** How long the loop has waited for something to do. */
  readonly idleMs: number
}

const moment = (): Moment => ({
  atMs: performance.now(),
  cpuMs: cpuMs(),
  idleMs: performance.eventLoopUtilization().idle,
})

let last = moment()

/**
 * Runs once in each turn: an immediate that is not referenced is called after the loop has polled, and does not keep the loop
 * from waiting there.
 */
function turn(): void {
  const now = moment()
  const cpu = now.cpuMs - last.cpuMs
  if (cpu >= keptMs) {
    const busyMs = now.atMs - last.atMs - (now.idleMs - last.idleMs)
    turns.push({ startMs: last.atMs, endMs: now.atMs, busyMs, cpuMs: cpu })
  }
  last = now
  setImmediate(turn).unref()
}
setImmediate(turn).unref()

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

async function end(): Promise<Longest> {
  // Node tells of a collection in the turn behind it.
  for (let count = 0; count < 3; count += 1) await nextTurn()
  return longestOf(turns, pauses)
}

process.on('message', (message) => {
  if (message === 'begin') {
    turns = []
    pauses = []
  } else if (message === 'end') {
    void end().then((longest) => process.send?.(longest))
  }
})
