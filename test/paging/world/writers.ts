import { spiffeDriver } from '../../../src/config/spiffeDriver.ts'
import { renewalRules, type RenewalRule } from '../../../src/identity/renewal.ts'
import type { Chance } from '../chance.ts'

/** What writes the SVIDs of volumes, and when it renews them. */
export interface Writer {
  /** The CSI driver of its volumes. */
  readonly driver: string
  /** The setting of svidwatch for it. */
  readonly rule: RenewalRule
  /** Draws which share of the lifetime (0 to 1) is left when it renews. */
  readonly leftShare: (chance: Chance) => number
}

export const spiffe: Writer = {
  driver: spiffeDriver.name,
  rule: renewalRules.csiDriverSpiffe,
  leftShare: () => 1 / 3,
}

/** Writers that renew otherwise, as their documentation says. */
export const otherWriters: readonly [Writer, ...Writer[]] = [
  { driver: 'spire.example', rule: renewalRules.spire, leftShare: (chance) => chance.between(0.45, 0.55) },
  { driver: 'csi.cert-manager.example', rule: renewalRules.other, leftShare: () => 1 / 3 },
  { driver: 'vault.example', rule: { leftShare: 0.1 }, leftShare: (chance) => chance.between(0.1, 0.15) },
]

/** The settings of svidwatch for all writers. */
export const rules: ReadonlyMap<string, RenewalRule> = new Map(
  [spiffe, ...otherWriters].map(({ driver, rule }) => [driver, rule]),
)
