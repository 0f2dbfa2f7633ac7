import { renewalRules, type RenewalRule } from '../identity/renewal.ts'
import { durationMs } from './duration.ts'
import { spiffeDriver } from './spiffeDriver.ts'

/** The writers of SVIDs whose rules are known, as the settings call them. */
const writers: Readonly<Record<string, RenewalRule>> = {
  'csi-driver-spiffe': renewalRules.csiDriverSpiffe,
  spire: renewalRules.spire,
}

const shortest = '1s'
const longest = '365d'
const [minMs = 0, maxMs = 0] = [durationMs(shortest), durationMs(longest)]

/** What `parseRenewBefore` accepts, in words that follow "must be". */
export const renewBeforeWords = `${Object.keys(writers).join(' or ')}, a duration from ${shortest} to ${longest} such as 20m or 30d, or a share of the lifetime from 1% to 99% such as 33%`

/** Reads how long before its expiry an SVID is renewed at the latest; undefined for what is none of the three. */
export function parseRenewBefore(text: string): RenewalRule | undefined {
  if (Object.hasOwn(writers, text)) return writers[text]
  const percent = /^([1-9]\d?)%$/.exec(text)?.[1]
  if (percent !== undefined) return { leftShare: Number(percent) / 100 }
  const beforeMs = durationMs(text)
  return beforeMs !== undefined && beforeMs >= minMs && beforeMs <= maxMs ? { beforeMs } : undefined
}

/** The rule for what a CSI driver writes, unless the settings say otherwise. */
export function defaultRenewal(driver: string): RenewalRule {
  return driver === spiffeDriver.name ? renewalRules.csiDriverSpiffe : renewalRules.other
}
