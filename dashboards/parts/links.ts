import type { DashboardName, VariableName } from './panel.ts'

/** A link as Grafana stores it with the options of a field. */
export interface DataLink {
  readonly title: string
  readonly url: string
}

interface Choice {
  /** The variables whose values stay. */
  readonly keep: readonly VariableName[]
  /** The variable that is set to the value that was clicked on. */
  readonly choose?: VariableName
}

const purposes: Readonly<Record<DashboardName, string>> = {
  health: 'Overview',
  lifecycle: 'How SVIDs age',
  federation: 'Trust bundles',
  coverage: 'Which workloads have SVIDs',
  rotation: 'Which rotations do not work',
}

/** Returns a link to a dashboard with the same data source, cluster and time range. */
export function linkTo(dashboard: DashboardName, { keep, choose }: Choice): DataLink {
  const kept = ['datasource', 'cluster', ...keep.filter((variable) => variable !== choose)]
  const parameters = [
    ...kept.map((variable) => `\${${variable}:queryparam}`),
    '${__url_time_range}',
    ...(choose === undefined ? [] : [`var-${choose}=\${__value.raw:percentencode}`]),
  ]
  return { title: purposes[dashboard], url: `/d/svidwatch-${dashboard}?${parameters.join('&')}` }
}
