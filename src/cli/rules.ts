import { ruleGroupsFor } from '../../alerts/all.ts'
import { rulesText } from '../../alerts/ruleFile.ts'
import type { RuleFormat } from '../../alerts/ruleFormats.ts'
import { labelNamesOf, type LabelOptions } from './labelOptions.ts'

export interface RulesOptions extends LabelOptions {
  readonly format: RuleFormat
}

/** Runs `svidwatch rules`. Throws a `SvidwatchError` if there are no such labels. */
export function printRules(options: RulesOptions): void {
  process.stdout.write(rulesText(ruleGroupsFor(labelNamesOf(options)), options.format))
}
