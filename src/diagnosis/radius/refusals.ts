import { Comparison } from './comparison.ts'
import type { Cause } from './families.ts'
import {
  causeOf,
  countsByNode,
  isLessElsewhere,
  isBeyondOneNode,
  isFresh,
  isKept,
  isOnly,
  namesOf,
  type Explained,
  type Question,
} from './evidence.ts'
import { groupsBy, type Failure, type Group } from './group.ts'
import type { Rows } from './rows.ts'
import { thresholds } from '../thresholds.ts'

const { maxCompared, manyOfIssuer } = thresholds.radius

/** Issuers whose SVIDs are refused on several nodes, while those of other issuers of the trust domain are not. */
export function* explainIssuers(question: Question, failures: readonly Failure[]): Generator<undefined, Explained> {
  const { family, rows } = question
  const column = rows.column('issuer')
  const nameOf = (group: Group): string => rows.nameOf('issuer', group.name)
  const groups = yield* groupsBy(family, rows, 'issuer', failures)
  const kept = groups.filter((group) => isKept(question, 'issuer', nameOf(group), group))
  const suspects = groups.filter(
    (group) => kept.includes(group) || (isFresh(question, group) && namesOf(rows, 'node', group.failures) > 1),
  )
  const suspected = new Set(suspects.map(({ name }) => name))
  const byDomain = yield* Comparison.of(family, rows, 'trust_domain', failures, (row) =>
    suspected.has(column[row] ?? 0),
  )
  const found = suspects.slice(0, maxCompared).flatMap((group) => {
    const others = byDomain.with(group.failures, group)
    const isNamed = isOnly(others) || (kept.includes(group) && isLessElsewhere(group, others))
    return isNamed ? [{ group, others }] : []
  })
  const names = new Set(found.map(({ group }) => group.name))
  return {
    causes: found.map(({ group, others }) => causeOf(family, 'issuer', nameOf(group), group, others)),
    rest: failures.filter(({ row }) => !names.has(column[row] ?? 0)),
  }
}

/**
 * Reports whether a trust domain's failures are on three nodes: two may fail at the same time. Where fewer are seen, more than one must fail
 * on the second.
 */
function isOnSeveralNodes({ family, rows }: Question, { name, failures }: Group): boolean {
  const [domains, nodes, marked] = [rows.column('trust_domain'), rows.column('node'), rows.marked(family)]
  const ofDomain = new Set(nodes.filter((_, row) => domains[row] === name && marked.get(row) !== 'silent'))
  const counts = countsByNode(rows, failures)
  return ofDomain.size < 3 ? (counts[1] ?? 0) >= 2 : counts.length >= 3
}

/** Reports whether a trust domain's failures are more than those of one of its issuers, as far as can be told from so many. */
function isMoreThanIssuer(rows: Rows, { name, failures }: Group): boolean {
  if (failures.length >= manyOfIssuer || namesOf(rows, 'issuer', failures) > 1) return true
  const [domains, issuers] = [rows.column('trust_domain'), rows.column('issuer')]
  const [issuer = 0] = failures.map(({ row }) => issuers[row])
  return !domains.some((domain, row) => domain === name && issuers[row] !== issuer)
}

/** Trust domains whose SVIDs are refused on several nodes; everything, if there are several trust domains and all are. */
export function* explainTrustDomains(
  question: Question,
  failures: readonly Failure[],
): Generator<undefined, readonly Cause[]> {
  const { family, rows } = question
  const nameOf = (group: Group): string => rows.nameOf('trust_domain', group.name)
  const groups = yield* groupsBy(family, rows, 'trust_domain', failures)
  const found = groups.filter(
    (group) =>
      (isKept(question, 'trust_domain', nameOf(group), group) && isBeyondOneNode(rows, group.failures)) ||
      (isFresh(question, group) && isOnSeveralNodes(question, group) && isMoreThanIssuer(rows, group)),
  )
  return found.slice(0, maxCompared).map((group) => {
    const others = groups.filter((other) => other !== group)
    const failing = others.reduce((sum, other) => sum + other.failures.length, 0)
    const well = others.reduce((sum, other) => sum + other.well, 0)
    return causeOf(family, 'trust_domain', nameOf(group), group, { failing, well })
  })
}
