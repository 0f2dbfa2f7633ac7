import { Comparison, type Others } from './comparison.ts'
import {
  causeOf,
  countsByNode,
  isLessElsewhere,
  isBeyondOneNode,
  isFresh,
  isKept,
  isOnly,
  isRising,
  namesOf,
  share,
  type Explained,
  type Question,
} from './evidence.ts'
import { families, type Cause, type Family } from './families.ts'
import { groupsBy, outsideShare, spanOf, type Failure, type Group, type Span } from './group.ts'
import { explainIssuers, explainTrustDomains } from './refusals.ts'
import { pace } from './pace.ts'
import type { Rows } from './rows.ts'
import { thresholds } from '../thresholds.ts'

const { minFailingOfAll, shareOfAll, certain, minWellElsewhere, several, maxCompared, shareBeyond } = thresholds.radius

/**
 * Returns the things that explain the failures of a family: nodes, else issuers and trust domains, else everything. Two things may
 * explain them together. Nothing is named that the evidence does not single out, because a wrong name is worse than none.
 */
export function* explain(question: Question): Generator<undefined, readonly Cause[]> {
  const failures = yield* failuresOf(question)
  if (!failures.some(({ isProblem }) => isProblem)) return []
  const everywhere = yield* explainAll(question, failures)
  if (everywhere) return [everywhere]
  const nodes = yield* explainNodes(question, failures)
  if (question.family !== 'refusals') return nodes.causes
  const issuers = yield* explainIssuers(question, nodes.rest)
  // Where an issuer explains most of what fails on a node, the rest may single the node out.
  const others =
    issuers.causes.length > 0 && nodes.causes.length === 0
      ? yield* explainNodes(question, issuers.rest)
      : { causes: [], rest: issuers.rest }
  const domains = yield* explainTrustDomains(question, others.rest)
  return [...nodes.causes, ...issuers.causes, ...others.causes, ...domains]
}

function* failuresOf({ rows, family }: Question): Generator<undefined, readonly Failure[]> {
  const failures: Failure[] = []
  let count = 0
  for (const [row, state] of rows.marked(family)) {
    if ((count += 1) % pace === 0) yield
    if (state !== 'silent') failures.push({ row, atMs: state.atMs, sinceMs: state.sinceMs, isProblem: state.isProblem })
  }
  return failures
}

function* explainNodes(question: Question, failures: readonly Failure[]): Generator<undefined, Explained> {
  const { family, rows } = question
  const column = rows.column('node')
  const nameOf = (group: Group): string => rows.nameOf('node', group.name)
  const groups = yield* groupsBy(family, rows, 'node', failures)
  const kept = groups.filter((group) => isKept(question, 'node', nameOf(group), group))
  const suspects = groups.filter((group) => kept.includes(group) || isFresh(question, group))
  // What reaches several nodes is no matter of the bundle of one node.
  if (suspects.length === 0 || (suspects.length >= several && family === 'refusals'))
    return { causes: [], rest: failures }
  // What is about to be seen on further nodes may be one thing everywhere.
  const isSpreading = suspects.length < several && groups.some((group) => isRising(question, group))
  const suspected = new Set(suspects.map(({ name }) => name))
  const isSuspected = (row: number): boolean => suspected.has(column[row] ?? 0)
  const byIssuer = yield* Comparison.of(family, rows, 'issuer', failures, isSuspected)
  const byNamespace = yield* Comparison.of(family, rows, 'namespace', failures, isSuspected)
  const isNamespace = (group: Group): boolean =>
    namesOf(rows, 'namespace', group.failures) === 1 &&
    byNamespace.with(group.failures, spanOf(family, group.failures)).well < minWellElsewhere
  const found: Compared[] = []
  for (const group of suspects.slice(0, maxCompared)) {
    yield
    const others = byIssuer.with(group.failures, comparedSpan(family, group))
    const isNode = isOnly(others) && !(family === 'mounts' && isNamespace(group))
    const isNamed = kept.includes(group) ? isNode || isStillNode(family, group, others) : isNode && !isSpreading
    if (isNamed) found.push({ group, others })
  }
  return explainedByNodes(question, failures, found)
}

/** A suspect that has been compared with others. */
interface Compared {
  readonly group: Group
  readonly others: Others
}

/** Names the nodes that were found, and leaves what is elsewhere. */
function explainedByNodes(question: Question, failures: readonly Failure[], found: readonly Compared[]): Explained {
  const { family, rows } = question
  if (found.length === 0) return { causes: [], rest: failures }
  const column = rows.column('node')
  const nameOf = (group: Group): string => rows.nameOf('node', group.name)
  const names = new Set(found.map(({ group }) => group.name))
  const rest = failures.filter(({ row }) => !names.has(column[row] ?? 0))
  if (found.length >= several) return { causes: [severalNodes(question, found, nameOf)], rest }
  return { causes: found.map(({ group, others }) => causeOf(family, 'node', nameOf(group), group, others)), rest }
}

/** Reports whether what was named is still a matter of one node. Its bundle is, as long as peers refuse less elsewhere. */
const isStillNode = (family: Family, group: Group, others: Others): boolean =>
  family !== 'refusals' || (others.well >= minWellElsewhere && isLessElsewhere(group, others))

/** What is compared with a cause that goes on is all that succeeded since it began, but not what recovers with it. */
const comparedSpan = (family: Family, { fromMs, toMs, back }: Group): Span => ({
  fromMs,
  toMs: families[family].mode === 'since' && back === 0 ? Infinity : toMs,
})

/** One cause for nodes that fail at the same time: a page for each of them would be many pages for one thing. */
function severalNodes({ family }: Question, found: readonly Compared[], nameOf: (group: Group) => string): Cause {
  const failing = found.reduce((sum, { group }) => sum + group.failures.length, 0)
  const well = found.reduce((sum, { group }) => sum + group.well, 0)
  const elsewhere = Math.max(...found.map(({ others }) => others.failing))
  const elsewhereOf = Math.max(...found.map(({ others }) => others.failing + others.well))
  const nodes = found.map(({ group }) => nameOf(group)).sort()
  return { family, kind: 'several_nodes', name: '', failing, of: failing + well, elsewhere, elsewhereOf, nodes }
}

/**
 * Everything fails: on most nodes, and nothing has succeeded since. What befalls all nodes reaches some of them later, so it is enough
 * that nothing has succeeded since half of the failures.
 */
function* explainAll(question: Question, failures: readonly Failure[]): Generator<undefined, Cause | undefined> {
  const { family, rows } = question
  if (family === 'refusals') return undefined
  for (const earlierShare of [outsideShare, 0.5]) {
    const [all] = yield* groupsBy(family, rows, 'everything', failures, earlierShare)
    if (all === undefined) return undefined
    const isKeptOfAll = isKept(question, 'everything', '', all) && isBeyondOneNode(rows, all.failures)
    const isNamed = isKeptOfAll || isFreshOfAll(question, all)
    if (isNamed) return causeOf(family, 'everything', '', all, { failing: 0, well: 0 })
  }
  return undefined
}

function isFreshOfAll({ family, rows }: Question, { failures, problems, fromMs, well, back }: Group): boolean {
  const since = failures.filter(({ atMs }) => atMs >= fromMs)
  const against = problems >= certain ? well : well + back
  if (problems === 0 || since.length < minFailingOfAll || share(since.length, against) < shareOfAll) return false
  return isSpread(family, rows, since)
}

/**
 * Reports whether failures are on at least three nodes, if as many are seen, and not nearly all of them on two. On a single node, nothing
 * tells everything from the node.
 */
function isSpread(family: Family, rows: Rows, failures: readonly Failure[]): boolean {
  const marked = rows.marked(family)
  const nodes = new Set(rows.column('node').filter((_, row) => marked.get(row) !== 'silent'))
  nodes.delete(0)
  const counts = countsByNode(rows, failures)
  if (nodes.size < 2 || counts.length < Math.min(3, nodes.size)) return false
  const beyondTwo = counts.slice(2).reduce((sum, count) => sum + count, 0)
  if (nodes.size <= 3) return (nodes.size < 3 ? (counts[1] ?? 0) : beyondTwo) >= 2
  return beyondTwo >= Math.max(2, shareBeyond * failures.length)
}
