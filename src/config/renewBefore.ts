import { renewalRules, type RenewalRule } from '../identity/renewal.ts'
import { durationMs } from './duration.ts'
import { spiffeDriver } from './spiffeDriver.ts'

/** The renewal rules of known writers of SVIDs, by the name that the settings use for the writer. */
const writers: Readonly<Record<string, RenewalRule>> = {
  'csi-driver-spiffe': renewalRules.csiDriverSpiffe,
  spire: renewalRules.spire,
}

const shortest = '1s'
const longest = '365d'
const [minMs = 0, maxMs = 0] = [durationMs(shortest), durationMs(longest)]

/** What `parseRenewBefore` accepts, worded to follow "must be". */
export const renewBeforeRule = `${Object.keys(writers).join(' or ')}, a duration from ${shortest} to ${longest} such as 20m or 30d, or a share of the lifetime from 1% to 99% such as 33%`

/** Matches everything that `parseRenewBefore` accepts. */
export const renewBeforePattern = `^(${Object.keys(writers).join('|')}|[1-9][0-9]?%|\\d{1,9}(ms|s|m|h|d))$`

/** Parses how long before its expiry an SVID should be renewed at the latest. Returns undefined for any other text. */
export function parseRenewBefore(text: string): RenewalRule | undefined {
  if (Object.hasOwn(writers, text)) return writers[text]
  const percent = /^([1-9]\d?)%$/.exec(text)?.[1]
  if (percent !== undefined) return { leftShare: Number(percent) / 100 }
  const beforeMs = durationMs(text)
  return beforeMs !== undefined && beforeMs >= minMs && beforeMs <= maxMs ? { beforeMs } : undefined
}

/** Returns the renewal rule for SVIDs that a CSI driver writes, where the settings give none. */
export function defaultRenewal(driver: string): RenewalRule {
  return driver === spiffeDriver.name ? renewalRules.csiDriverSpiffe : renewalRules.other
}
