import type { Chance } from './chance.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

export const lifetimes = {
  '5 min': 5 * minuteMs,
  '1 h': hourMs,
  '24 h': dayMs,
  '30 d': 30 * dayMs,
  '1 y': 365 * dayMs,
} as const
export type LifetimeName = keyof typeof lifetimes

/** A time in which Prometheus scrapes; what lies between two scenes is skipped, and each is a time line of its own. */
export interface Scene {
  readonly fromMs: number
  readonly toMs: number
}

/** When a fleet is looked at, and between which times the first renewals of its workloads fall due. */
export interface Play {
  readonly lifetimeMs: number
  readonly safeMs: number
  readonly scenes: readonly Scene[]
  readonly dueFromMs: number
  readonly dueToMs: number
}

/** When every play begins. */
export const curtainMs = Date.UTC(2026, 0, 1)

/** Short lives are seen from before the renewal until after the expiry; of long ones, moments. */
export function playOf(lifetimeMs: number, chance: Chance): Play {
  const safeMs = lifetimeMs / 3
  const common = { lifetimeMs, safeMs }
  const at = (minutes: number) => curtainMs + minutes * minuteMs
  if (lifetimeMs < 10 * minuteMs)
    return { ...common, scenes: [{ fromMs: at(0), toMs: at(15) }], dueFromMs: at(5), dueToMs: at(8) }
  if (lifetimeMs <= hourMs)
    return { ...common, scenes: [{ fromMs: at(0), toMs: at(32) }], dueFromMs: at(4), dueToMs: at(9) }
  const scene = (share: number, minutes: number): Scene => {
    const fromMs = at(0) + Math.round((share * safeMs) / 1000) * 1000
    return { fromMs, toMs: fromMs + minutes * minuteMs }
  }
  const scenes = [
    scene(0, 9),
    scene(chance.between(0.05, 0.14), 5),
    scene(chance.between(0.15, 0.23), 5),
    scene(chance.between(0.28, 0.33), 5),
    scene(chance.between(0.36, 0.46), 5),
    scene(1, 9),
  ]
  return { ...common, scenes, dueFromMs: at(3), dueToMs: at(6) }
}

/** From when on what happens may be seen: the time itself, or 5 minutes before the next scene begins; Infinity after the last one. */
export function nextWatched({ scenes }: Play, atMs: number): number {
  const scene = scenes.find(({ toMs }) => toMs >= atMs)
  return scene === undefined ? Infinity : Math.max(atMs, scene.fromMs - 5 * minuteMs)
}

/** The same, but at a moment of chance within those 5 minutes. */
export function nextSeen(play: Play, atMs: number, chance: Chance): number {
  const soonMs = nextWatched(play, atMs)
  return soonMs === atMs || soonMs === Infinity ? soonMs : soonMs + chance.between(0, 5 * minuteMs)
}
