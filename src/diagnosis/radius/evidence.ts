import type { Others } from './comparison.ts'
import { families, keyOf, type Cause, type CauseKind, type Family } from './families.ts'
import type { Failure, Group } from './group.ts'
import type { Dimension, Rows } from './rows.ts'
import { thresholds } from '../thresholds.ts'

const { minFailing, certain, minWellElsewhere, shareElsewhere, settleMs, shareBeyond } = thresholds.radius

/** What an explanation starts from. */
export interface Question {
  readonly family: Family
  readonly rows: Rows
  /** The keys of what was named before: see `keyOf`. It is named until it clearly does not hold. */
  readonly before: ReadonlySet<string>
  readonly nowMs: number
}

/** What causes explain. */
export interface Explained {
  readonly causes: readonly Cause[]
  /** What they leave to explain. */
  readonly rest: readonly Failure[]
}

/** The share of those that fail. */
export const share = (failing: number, well: number): number => failing / (failing + well)

/** Reports whether all that a name has fails, as far as is known. Once many fail, those that succeed later are about to recover. */
export function isFresh(question: Question, group: Group): boolean {
  const { failures, problems, well, back } = group
  const against = problems >= certain ? well : well + back
  const settled = settledOf(question, failures)
  if (problems === 0 || settled < minFailing) return false
  return share(settled, failures.length - settled + against) >= families[question.family].share
}

/** Reports whether all that a name has fails, but not yet for so long that it is told from what is everywhere. */
export function isRising(question: Question, { failures, well }: Group): boolean {
  const settled = settledOf(question, failures)
  if (settled === failures.length || failures.length < minFailing) return false
  const isSettled =
    settled >= minFailing && share(settled, failures.length - settled + well) >= families[question.family].share
  return !isSettled && share(failures.length, well) >= families[question.family].share
}

/** Counts what has failed for so long that it would have failed elsewhere, too, if its cause were everywhere. */
function settledOf({ family, nowMs }: Question, failures: readonly Failure[]): number {
  if (families[family].mode === 'since') return failures.length
  return failures.reduce((count, { sinceMs }) => count + Number(nowMs - sinceMs >= settleMs), 0)
}

/** Reports whether what was named before still holds: it fails, and if it recovers, others may still be about to. */
export function isKept({ family, before, nowMs }: Question, kind: CauseKind, name: string, group: Group): boolean {
  if (!before.has(keyOf({ family, kind, name })) || group.problems === 0) return false
  if (group.failures.length < families[family].keptFailing) return false
  if (families[family].mode === 'since' && nowMs - group.backMs > thresholds.recoveryMs) return false
  return share(group.failures.length, group.well) >= families[family].keptShare
}

/** Reports whether others are well, and hardly any of them fails. */
export const isOnly = ({ failing, well }: Others): boolean =>
  well >= minWellElsewhere && share(failing, well) <= shareElsewhere

/**
 * Reports whether failures are on more than one node, whichever fails most: what is left on a single node, of something that was larger,
 * has another cause. Where there is one node, nothing tells.
 */
export function isBeyondOneNode(rows: Rows, failures: readonly Failure[]): boolean {
  const counts = countsByNode(rows, failures)
  if (new Set(rows.column('node')).size === 1) return true
  return failures.length - (counts[0] ?? 0) >= Math.max(1, shareBeyond * failures.length)
}

/** Counts failures by their nodes, the most first. */
export function countsByNode(rows: Rows, failures: readonly Failure[]): readonly number[] {
  const column = rows.column('node')
  const groups = Map.groupBy(failures, ({ row }) => column[row] ?? 0)
  return Array.from(groups.values(), ({ length }) => length).sort((one, other) => other - one)
}

/** Reports whether less fails elsewhere: else it is no matter of one thing any more. One may fail by chance. */
export const isLessElsewhere = ({ failures, well }: Group, others: Others): boolean =>
  others.failing < 2 || share(others.failing, others.well) <= share(failures.length, well) / 2

/** The number of names that failures have in a dimension. */
export const namesOf = (rows: Rows, dimension: Dimension, failures: readonly Failure[]): number =>
  new Set(failures.map(({ row }) => rows.column(dimension)[row])).size

export function causeOf(
  family: Family,
  kind: CauseKind,
  name: string,
  { failures, well }: Group,
  others: Others,
): Cause {
  return {
    ...{ family, kind, name, failing: failures.length, of: failures.length + well },
    ...{ elsewhere: others.failing, elsewhereOf: others.failing + others.well, nodes: [] },
  }
}
