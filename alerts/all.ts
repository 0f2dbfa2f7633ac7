import { agents } from './agents.ts'
import { authorities } from './authorities.ts'
import { bundles } from './bundles.ts'
import { copies } from './copies.ts'
import { issuance } from './issuance.ts'
import { labelChecks } from './labelChecks.ts'
import { honoredLabels, type LabelNames } from './labelNames.ts'
import { relabelled } from './relabel.ts'
import { renewalAlerts } from './renewals.ts'
import type { RuleGroup } from './rule.ts'
import { svidwatch } from './svidwatch.ts'
import { trust } from './trust.ts'

const written: readonly RuleGroup[] = [renewalAlerts, copies, issuance, authorities, trust, bundles, agents, svidwatch]

/** Every rule that is shipped, in the order of the rule file, for the labels as a Prometheus names them. */
export function ruleGroupsFor(names: LabelNames): readonly RuleGroup[] {
  // The check names exported labels itself.
  const check = relabelled(labelChecks(names), { ...names, exported: [] })
  return [...written.map((group) => relabelled(group, names)), check]
}

/** The rules for a Prometheus that honors labels. */
export const ruleGroups = ruleGroupsFor(honoredLabels)
