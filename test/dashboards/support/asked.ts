import { ruleGroups, ruleGroupsFor } from '../../../alerts/all.ts'
import { renamedInPromql, renameOf } from '../../../alerts/relabel.ts'
import { shippedQueries } from '../../support/shippedDashboards.ts'
import { silentInDemo } from './silentInDemo.ts'
import { otherNames, type Form } from './watchedDemo.ts'

/** An expression that is shipped, as Prometheus gets it. */
export interface Asked {
  readonly name: string
  readonly expr: string
  /** Why it rightly returns nothing in the demo; undefined: it must return something. */
  readonly emptyInDemo: string | undefined
  /** Its series may be those of single targets: an intermediate step of the rules. */
  readonly isStep?: boolean
  /** Which Prometheus is asked. */
  readonly form: Form
}

/** What Grafana would put in, with everything chosen. */
const variables: Readonly<Record<string, string>> = {
  $__rate_interval: '1m',
  $__range: '15m',
  $cluster: '.*',
  $trust_domain: '.*',
  $namespace: '.*',
  $issuer: '.*',
  $node: '.*',
  $federated_domain: '.*',
}

/** Returns the expression as Grafana sends it. `chosen` has the values of variables that are not All. */
export const asSent = (expr: string, chosen: Readonly<Record<string, string>> = {}): string =>
  expr.replaceAll(/\$\w+/g, (name) => chosen[name] ?? variables[name] ?? name)

/** Every query of every panel. */
export function askedByPanels(): readonly Asked[] {
  return shippedQueries().map(({ dashboard, panel, legend, expr, emptyInDemo }) => ({
    name: `${dashboard} / ${panel} / ${legend}`,
    expr: asSent(expr),
    emptyInDemo,
    form: 'honored',
  }))
}

/** The queries of panels that name labels which are exported. */
export function askedWithExported(): readonly Asked[] {
  const rename = renameOf(otherNames)
  return askedByPanels()
    .map((asked): Asked => ({ ...asked, expr: renamedInPromql(asked.expr, rename), form: 'exported' }))
    .filter(({ expr }) => expr.includes('exported_'))
}

/** The expression of every rule. */
export function askedByRules(form: Form = 'honored'): readonly Asked[] {
  const groups = form === 'honored' ? ruleGroups : ruleGroupsFor(otherNames)
  return groups.flatMap(({ rules }) =>
    rules.map((rule) => {
      const name = 'record' in rule ? rule.record : `${rule.alert} (${rule.severity})`
      return { name, expr: rule.expr, emptyInDemo: silentInDemo[name], isStep: 'record' in rule, form }
    }),
  )
}
