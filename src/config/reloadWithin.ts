import { durationMs } from './duration.ts'

/** How long a server may take to present a renewed SVID: a fixed time, or a share of the SVID's lifetime. */
export type ReloadRule = { readonly ms: number } | { readonly lifetimeShare: number }

const shortest = '1s'
const longest = '30d'
const [minMs = 0, maxMs = 0] = [durationMs(shortest), durationMs(longest)]

/** What `parseReloadWithin` accepts, worded to follow "must be". */
export const reloadWithinRule = `a duration from ${shortest} to ${longest} such as 5m, or a share of the lifetime from 1% to 99% such as 10%`

/** Matches everything that `parseReloadWithin` accepts. */
export const reloadWithinPattern = '^([1-9][0-9]?%|\\d{1,9}(ms|s|m|h|d))$'

/** Parses how long a server may take to present a renewed SVID. Returns undefined for any other text. */
export function parseReloadWithin(text: string): ReloadRule | undefined {
  const percent = /^([1-9]\d?)%$/.exec(text)?.[1]
  if (percent !== undefined) return { lifetimeShare: Number(percent) / 100 }
  const ms = durationMs(text)
  return ms !== undefined && ms >= minMs && ms <= maxMs ? { ms } : undefined
}

/** Programs look for a renewed file once in a while, however short its SVIDs live. */
const leastShareMs = 60_000

/** Returns a function that says how long a server may take, ms, for an SVID with this lifetime. A share is a minute at least. */
export function reloadGrace(rule: ReloadRule): (lifetimeMs: number) => number {
  if ('ms' in rule) return () => rule.ms
  return (lifetimeMs) => Math.max(rule.lifetimeShare * lifetimeMs, leastShareMs)
}
