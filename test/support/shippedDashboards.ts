import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dashboards } from '../../dashboards/all.ts'
import type { Panel } from '../../dashboards/parts/panel.ts'

/** The parts of a shipped dashboard that tests use. */
export interface ShippedDashboard {
  readonly uid: string
  readonly title: string
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string; readonly allValue?: string }[]
  }
  readonly annotations: { readonly list: readonly ShippedAnnotation[] }
  readonly links: readonly { readonly placement?: string }[]
  readonly panels: readonly ShippedPanel[]
}

export interface ShippedAnnotation {
  readonly name: string
  readonly enable: boolean
  readonly placement?: string
  readonly target: { readonly expr: string }
}

export interface ShippedPanel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly links?: readonly { readonly url: string }[]
  readonly fieldConfig?: {
    readonly defaults: { readonly noValue?: string; readonly mappings?: readonly object[] }
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string }
      readonly properties: readonly { readonly id: string; readonly value: unknown }[]
    }[]
  }
  readonly transformations?: readonly {
    readonly id: string
    readonly options: { readonly renameByName?: Readonly<Record<string, string>> }
  }[]
  readonly targets?: readonly ShippedTarget[]
}

export interface ShippedTarget {
  readonly refId: string
  readonly expr: string
  readonly legendFormat: string
  readonly instant: boolean
}

export function shippedDashboards(): readonly ShippedDashboard[] {
  return dashboards.map(({ name }) => {
    const file = join(import.meta.dirname, '../../dashboards', `${name}.json`)
    return JSON.parse(readFileSync(file, 'utf8')) as ShippedDashboard
  })
}

/** One query of one panel as it is shipped, with its declaration. */
export interface ShippedQuery {
  readonly dashboard: string
  readonly panel: string
  readonly kind: Panel['kind']
  readonly legend: string
  readonly expr: string
  readonly instant: boolean
  readonly emptyInDemo: string | undefined
}

export function shippedQueries(): readonly ShippedQuery[] {
  const shipped = new Map(shippedDashboards().map((dashboard) => [dashboard.title, dashboard]))
  return dashboards.flatMap(({ title, rows }) => {
    const targets = shipped.get(title)?.panels.flatMap(({ targets }) => targets ?? []) ?? []
    const declared = rows.flatMap(({ panels }) =>
      panels.flatMap((panel) => panel.queries.map((query) => ({ panel: panel.title, kind: panel.kind, ...query }))),
    )
    return declared.map(({ panel, kind, legend, emptyInDemo }, index) => {
      const target = targets[index]
      if (!target) throw new Error(`${title} differs from its declaration: run npm run docs`)
      return { dashboard: title, panel, kind, legend, expr: target.expr, instant: target.instant, emptyInDemo }
    })
  })
}
