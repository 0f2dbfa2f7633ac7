import type { LabelNames } from '../alerts/labelNames.ts'
import { renamedInPromql, renameOf } from '../alerts/relabel.ts'

type Rename = (label: string) => string
type Change = (value: unknown, rename: Rename) => unknown

const texts =
  (change: (text: string, rename: Rename) => string): Change =>
  (value, rename) =>
    typeof value === 'string' ? change(value, rename) : changed(value, rename)

const inLegend = (text: string, rename: Rename): string =>
  text.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => `{{${rename(label)}}}`)

const keys: Change = (value, rename) =>
  Object.fromEntries(Object.entries(value as object).map(([label, of]) => [rename(label), of as unknown]))

/** The fields of Grafana's JSON that name labels. */
const naming: Readonly<Record<string, Change>> = {
  expr: texts(renamedInPromql),
  definition: texts(renamedInPromql),
  query: texts(renamedInPromql),
  legendFormat: texts(inLegend),
  textFormat: texts(inLegend),
  tagKeys: texts((label, rename) => rename(label)),
  excludeByName: keys,
  indexByName: keys,
  renameByName: keys,
}

function changed(value: unknown, rename: Rename): unknown {
  if (Array.isArray(value)) return value.map((each) => changed(each, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([field, of]) => [field, (naming[field] ?? changed)(of, rename)]))
}

/**
 * Renders a dashboard for the labels as a Prometheus names them, from the JSON for a Prometheus that honors labels. Titles, variables
 * and links stay as they are, so that the dashboards lead to each other in each form.
 */
export function relabelledDashboard(dashboard: unknown, names: LabelNames): string {
  return `${JSON.stringify(renamedDashboard(dashboard, renameOf(names)), undefined, 2)}\n`
}

/** Returns a dashboard with other names of labels, from the JSON for a Prometheus that honors labels. */
export function renamedDashboard(dashboard: unknown, rename: Rename): unknown {
  return changed(dashboard, rename)
}
