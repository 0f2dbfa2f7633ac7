import type { FaultName } from './faults.ts'
import { seededRandom, shuffled } from './random.ts'
import type { Size } from './size.ts'

/** What goes wrong at one time. */
export interface Step {
  readonly what: FaultName | 'SIGKILL'
  /** So long after it has begun, svidwatch is killed (again), whether it has got over it or not; undefined: it is not. */
  readonly killedAfterMs: number | undefined
}

const withinMs = 3000

/** Steps in an order of chance, each of these faults about as often; the same for the same seed. Half of the kills are in the midst of something else. */
export function planOf(
  names: readonly FaultName[],
  { faults, kills, seed }: Pick<Size, 'faults' | 'kills' | 'seed'>,
): readonly Step[] {
  const random = seededRandom(seed)
  const inTurn = shuffled(names, random)
  const drawn = Array.from({ length: Math.ceil(faults / names.length) }, () => inTurn).flat()
  const killsInTheMidst = Math.floor(kills / 2)
  const killsAlone = Array.from({ length: kills - killsInTheMidst }, () => 'SIGKILL' as const)
  const steps = shuffled([...drawn.slice(0, faults), ...killsAlone], random)
  const killed = new Set(shuffled([...steps.keys()], random).slice(0, killsInTheMidst))
  return steps.map((what, index) => ({ what, killedAfterMs: killed.has(index) ? random() * withinMs : undefined }))
}
