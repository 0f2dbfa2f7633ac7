import { ruleGroups } from '../../../alerts/all.ts'
import { shippedQueries } from '../../support/shippedDashboards.ts'
import { silentInDemo } from './silentInDemo.ts'

/** An expression that is shipped, as Prometheus gets it. */
export interface Asked {
  readonly name: string
  readonly expr: string
  /** Why it rightly returns nothing in the demo; undefined: it must return something. */
  readonly emptyInDemo: string | undefined
  /** Its series may be those of single targets: an intermediate step of the rules. */
  readonly isStep?: boolean
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
  }))
}

/** The expression of every rule. */
export function askedByRules(): readonly Asked[] {
  return ruleGroups.flatMap(({ rules }) =>
    rules.map((rule) => {
      const name = 'record' in rule ? rule.record : `${rule.alert} (${rule.severity})`
      return { name, expr: rule.expr, emptyInDemo: silentInDemo[name], isStep: 'record' in rule }
    }),
  )
}
