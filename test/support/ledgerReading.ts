import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Memory } from '../../src/ledger/memory.ts'
import type { LedgerView, Survey } from '../../src/ledger/view.ts'
import type { SvidView } from '../../src/ledger/workloads/view.ts'

/** Runs interruptible work without a pause, and returns its result. */
export function runToEnd<Result>(work: Iterator<undefined, Result>): Result {
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value
}

export const svidsOf = (ledger: Pick<LedgerView, 'workloads'>, namespace?: string): readonly SvidView[] =>
  Array.from(ledger.workloads(namespace), (workload) => workload.copies()).flat()

/** Returns a copy without its slot, which depends on the order in which copies were reported. */
export const withoutSlot = (view: SvidView) => ({ ...view, slot: undefined })

export const surveyOf = (ledger: Pick<LedgerView, 'survey'>, see?: (copy: SvidView) => void): Survey =>
  runToEnd(ledger.survey(see))

/** Returns what the ledger would remember over a restart. */
export const memoryOf = (ledger: Pick<Ledger, 'memory'>): Memory => runToEnd(ledger.memory())
