import { exportedName, type ClashingLabel, type LabelNames } from './labelNames.ts'
import type { AlertingRule, RuleGroup } from './rule.ts'

type Rename = (label: string) => string

/** Returns the name of each label of a series. Other words stay as they are. */
export function renameOf({ cluster, exported }: LabelNames): Rename {
  const names = new Map<string, string>([
    ['cluster', cluster],
    ...exported.map((label) => [label, exportedName(label)] as const),
  ])
  return (word) => names.get(word) ?? word
}

const quoted = String.raw`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|${'`[^`]*`'}`
const stringsAndWords = new RegExp(String.raw`(${quoted})|\$?[A-Za-z_][\w:]*`, 'g')

/**
 * Renames the labels in an expression: in matchers, in lists of labels, and where a function takes the name of a label. Values
 * that labels are compared with, and variables of Grafana, stay as they are.
 */
export function renamedInPromql(expr: string, rename: Rename): string {
  return expr.replaceAll(stringsAndWords, (token: string, text: string | undefined, at: number) => {
    if (text === undefined) return rename(token)
    const isArgument = /[(,]\s*$/.test(expr.slice(0, at))
    return isArgument ? insideQuotes(text, rename) : text
  })
}

const insideQuotes = (text: string, change: (inner: string) => string): string =>
  `${text.slice(0, 1)}${change(text.slice(1, -1))}${text.slice(-1)}`

const action = new RegExp(String.raw`\{\{(?:${quoted}|[^"'${'`'}])*?\}\}`, 'g')
const stringsAndFields = new RegExp(String.raw`(${quoted})|(\$labels|\.Labels)\.(\w+)`, 'g')

/**
 * Renames the labels in the template of a text. `ofSeries` renames the labels of the series that the template queries, `ofAlert`
 * those of the alert itself.
 */
function renamedInTemplate(template: string, ofSeries: Rename, ofAlert: Rename): string {
  return template.replaceAll(action, (inAction) =>
    inAction.replaceAll(stringsAndFields, (_, text: string | undefined, owner: string, label: string) => {
      if (text !== undefined) return insideQuotes(text, (query) => renamedInPromql(query, ofSeries))
      return `${owner}.${owner === '$labels' ? ofAlert(label) : ofSeries(label)}`
    }),
  )
}

/**
 * Returns the rules of a group for the labels as a Prometheus names them. Recorded series have the labels that other series have.
 * Alerts have the labels of the workload by their own names, so that routes, inhibitions and runbooks are the same.
 */
export function relabelled(group: RuleGroup, names: LabelNames): RuleGroup {
  const rename = renameOf(names)
  return {
    ...group,
    rules: group.rules.map((rule) =>
      'record' in rule
        ? { ...rule, expr: renamedInPromql(rule.expr, rename) }
        : relabelledAlert(rule, rename, {
            ...names,
            exported: names.exported.filter((label) => rule.labels.includes(label)),
          }),
    ),
  }
}

function relabelledAlert(rule: AlertingRule, ofSeries: Rename, { cluster, exported }: LabelNames): AlertingRule {
  const ofAlert = renameOf({ cluster, exported: [] })
  const kept = exported.filter((label) => label === 'namespace').map(exportedName)
  const expr = renamedInPromql(rule.expr, ofSeries).replaceAll(ownAlerts, (alerts) =>
    exported.reduce(withExportedName, alerts),
  )
  return {
    ...rule,
    expr: exported.reduce(withOwnName, expr),
    summary: renamedInTemplate(rule.summary, ofSeries, ofAlert),
    description: renamedInTemplate(rule.description, ofSeries, ofAlert),
    labels: [...rule.labels.map(ofAlert), ...kept],
  }
}

/**
 * Gives series a label by its own name in place of its exported one. `exported_namespace` stays beside `namespace`: OpenShift
 * overwrites `namespace` in what the rules of a namespace return, and alerts about two namespaces must not become equal.
 */
function withOwnName(expr: string, label: ClashingLabel): string {
  const named = replaced(expr, `"${label}", "$1", "${exportedName(label)}", "(.*)"`)
  return label === 'namespace' ? named : replaced(named, `"${exportedName(label)}", "", "", ""`)
}

/** The alerts of a rule, which the rule compares with what was recorded of them. */
const ownAlerts = /\bALERTS\{[^}]*\}/g

/**
 * Gives alerts a label by its exported name in place of the one that `withOwnName` gave them, so that they match what was recorded of
 * them.
 */
function withExportedName(alerts: string, label: ClashingLabel): string {
  const exported = exportedName(label)
  const named = label === 'namespace' ? alerts : `label_replace(${alerts}, "${exported}", "$1", "${label}", "(.*)")`
  return `label_replace(${named}, "${label}", "", "", "")`
}

const replaced = (expr: string, labels: string): string =>
  `label_replace(\n  ${expr.replaceAll('\n', '\n  ')},\n  ${labels}\n)`
