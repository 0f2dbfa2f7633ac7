import type { Figure } from '../figure.ts'
import { longestTurns, type LongestTurn } from '../turns/longestTurns.ts'
import type { Task } from './measurement.ts'

/** No turn of the event loop may take longer, in ms of its own processor time. */
const goalMs = 25
/** As often as by default, the state is written every 5 s. */
const thorough = { repeats: 8, commitSeconds: 5, commits: 3, renewalSeconds: 10 }

/** The longest turn of the event loop for each kind of what the cluster role does, and the longest pause for its garbage. */
export async function measureTurns({ size }: Task): Promise<readonly Figure[]> {
  const { healthy, waiting } = await longestTurns(size, thorough)
  const collectingMs = [...healthy, ...waiting].map((turn) => turn.collectingMs)
  return [
    ...healthy.map((turn) => figureOf('longest turn', turn)),
    ...waiting.map((turn) => figureOf('longest turn, all requests waiting', turn)),
    { name: 'longest collection of garbage in a turn', unit: 'ms', measured: Math.max(...collectingMs) },
  ]
}

function figureOf(title: string, { what, ownMs }: LongestTurn): Figure {
  return { name: `${title}: ${what}`, unit: 'ms', measured: ownMs, goal: goalMs }
}
