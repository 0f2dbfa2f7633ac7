import { workload } from '../../alerts/labels.ts'
import type { DiagnosisCode } from '../../src/diagnosis/codes.ts'
import { warnAboveNone } from './thresholds.ts'
import type { Stat, Table } from './panel.ts'
import { countOf, named, orNote, orZero, problems } from './promql.ts'

/** A fault of single workloads. */
export interface Fault {
  readonly code: DiagnosisCode
  /** The matchers for the workloads that are looked at. */
  readonly where: string
  /** It returns something if svidwatch would see the fault. */
  readonly witness: string
  readonly alert: string
}

interface Shown {
  readonly title: string
  readonly description: string
}

/** How many workloads have a fault. */
export const affected = ({ code, where, witness, alert }: Fault, { title, description }: Shown): Stat => ({
  kind: 'stat',
  title,
  description,
  width: 4,
  thresholds: warnAboveNone,
  runbooks: [alert],
  queries: [{ legend: 'workloads', expr: orZero(countOf(problems([code], where), workload), witness) }],
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
  { code, where, witness, alert }: Fault,
  { title, description, well, last: [label, labelTitle], emptyInDemo }: ShownInTable,
): Table => ({
  kind: 'table',
  title,
  description: `${description} The fifty for which this has lasted longest.`,
  width: 12,
  columns: { cluster: 'Cluster', namespace: 'Namespace', workload: 'Workload', [label]: labelTitle },
  sortBy: 'For',
  runbooks: [alert],
  queries: [
    {
      legend: 'For',
      unit: 's',
      decimals: 0,
      width: 80,
      expr: orNote(
        named(`topk(50, time() - max by (${workload}, reason) (${problems([code], where)}))`),
        well,
        witness,
      ),
      ...(emptyInDemo !== undefined && { emptyInDemo }),
    },
  ],
})
