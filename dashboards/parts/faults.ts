import { workload } from '../../alerts/labels.ts'
import { diagnosisCodes, type DiagnosisCode } from '../../src/diagnosis/codes.ts'
import { warnAboveNone } from './thresholds.ts'
import type { DashboardName, Stat, Table, Thresholds } from './panel.ts'
import { countOf, named, orNote, orZero, problems } from './promql.ts'

/** Faults of single workloads that are shown together. */
export interface Fault {
  readonly codes: readonly DiagnosisCode[]
  /** The matchers for the workloads that are looked at. */
  readonly where: string
  /** It returns something if svidwatch would see the fault. */
  readonly witness: string
}

/** The alerts that tell of these problems. */
export const alertsOf = (codes: readonly DiagnosisCode[]): readonly string[] =>
  codes.map((code) => diagnosisCodes[code].alert)

interface Shown {
  readonly title: string
  readonly description: string
}

interface ShownAsNumber extends Shown {
  readonly width?: number
  readonly thresholds?: Thresholds
  readonly leadsTo?: DashboardName
}

/** How many workloads have a fault. */
export const affected = (
  { codes, where, witness }: Fault,
  { width = 4, thresholds = warnAboveNone, ...shown }: ShownAsNumber,
): Stat => ({
  ...shown,
  kind: 'stat',
  width,
  thresholds,
  runbooks: alertsOf(codes),
  queries: [{ legend: 'workloads', expr: orZero(countOf(problems(codes, where), workload), witness) }],
})

interface ShownInTable extends Shown {
  /** What the table says if no workload has the fault. */
  readonly well: string
  /** The label that is shown last, and its title. */
  readonly last: readonly [label: string, title: string]
  readonly emptyInDemo?: string
}

/** Which workloads have a fault, those first for which it has lasted longest. */
export const affectedTable = (
  { codes, where, witness }: Fault,
  { title, description, well, last: [label, labelTitle], emptyInDemo }: ShownInTable,
): Table => ({
  kind: 'table',
  title,
  description: `${description} The fifty for which this has lasted longest.`,
  width: 12,
  columns: { cluster: 'Cluster', namespace: 'Namespace', workload: 'Workload', [label]: labelTitle },
  sortBy: 'For',
  runbooks: alertsOf(codes),
  queries: [
    {
      legend: 'For',
      unit: 's',
      decimals: 0,
      width: 80,
      expr: orNote(
        named(
          `topk(50, time() - max by (${workload}, ${label === 'code' ? 'code' : 'reason'}) (${problems(codes, where)}))`,
        ),
        well,
        witness,
      ),
      ...(emptyInDemo !== undefined && { emptyInDemo }),
    },
  ],
})
