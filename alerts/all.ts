import { agents } from './agents.ts'
import { authorities } from './authorities.ts'
import { bundles } from './bundles.ts'
import { copies } from './copies.ts'
import { issuance } from './issuance.ts'
import { renewalAlerts } from './renewals.ts'
import type { RuleGroup } from './rule.ts'
import { svidwatch } from './svidwatch.ts'

/** Every rule that is shipped, in the order of the rule file. */
export const ruleGroups: readonly RuleGroup[] = [
  renewalAlerts,
  copies,
  issuance,
  authorities,
  bundles,
  agents,
  svidwatch,
]
