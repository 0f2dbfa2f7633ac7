import type { Period } from './lifetime.ts'

/**
 * The latest time at which the writer of an SVID should have renewed it: when this share of its lifetime (0 to 1) is left, or this
 * many milliseconds before its expiry.
 */
export type RenewalRule = { readonly leftShare: number } | { readonly beforeMs: number }

/** The rules of known writers: the latest time at which a healthy writer renews. */
export const renewalRules = {
  /**
   * csi-driver-spiffe passes `notAfter - (notAfter - notBefore) / 3` (`calculateNextIssuanceTime`) to csi-lib, which renews at that
   * time, without jitter.
   */
  csiDriverSpiffe: { leftShare: 1 / 3 },
  /**
   * A SPIRE agent renews at half of the lifetime, plus or minus a tenth of that half: when 55 to 45 % of the lifetime are left
   * (SPIRE, pkg/common/rotationutil). An `availability_target` only makes the renewal earlier. spiffe-helper writes each SVID as
   * soon as the agent sends it.
   */
  spire: { leftShare: 0.45 },
  /** The rule for all others: the default of cert-manager and of its csi-driver. */
  other: { leftShare: 1 / 3 },
} as const satisfies Readonly<Record<string, RenewalRule>>

/**
 * Returns when the renewal of an SVID is due, ms since the Unix epoch. The rule counts from notBefore, as writers do. Issuers may
 * date notBefore back by up to an hour, so an SVID may be due by its rule before its workload has it. The renewal is therefore
 * never due before `obtainedMs`. The result is within the validity.
 */
export function renewalDueMs({ notBeforeMs, notAfterMs }: Period, rule: RenewalRule, obtainedMs = notBeforeMs): number {
  const leftMs = 'beforeMs' in rule ? rule.beforeMs : Math.floor((notAfterMs - notBeforeMs) * rule.leftShare)
  return Math.min(Math.max(notAfterMs - leftMs, obtainedMs, notBeforeMs), notAfterMs)
}
