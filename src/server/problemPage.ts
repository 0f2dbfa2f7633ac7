import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import { compareUrgency, type Urgency } from '../diagnosis/urgency.ts'
import { PageEntries } from './pageEntries.ts'
import type { ProblemQuery } from './problemQuery.ts'
import { ProblemTally, type ProblemCounts } from './problemTally.ts'

export interface ProblemPage {
  readonly problems: readonly Diagnosis[]
  /** The last problem on this page; undefined on the last page. */
  readonly last: Diagnosis | undefined
  /** The numbers of problems that match the query, on all pages. */
  readonly counts: ProblemCounts
  readonly total: number
}

/** The search for a page yields after this many problems. */
const slice = 256

/** Returns one page of problems, the most urgent ones first. Yields wherever the search may be interrupted. */
export function* problemPageOf(diagnoses: Iterable<Diagnosis>, query: ProblemQuery): Generator<undefined, ProblemPage> {
  const found = new PageEntries<Urgency, Diagnosis>(query.limit, query.after, compareUrgency)
  const tally = new ProblemTally()
  let visited = 0
  for (const diagnosis of diagnoses) {
    if ((visited += 1) % slice === 0) yield
    if (!matches(diagnosis, query)) continue
    tally.add(diagnosis)
    found.add(diagnosis)
  }
  const { entries, last } = found.page()
  return { problems: entries, last, counts: tally.counts, total: tally.total }
}

function matches({ code, severity, muted, subject }: Diagnosis, query: ProblemQuery): boolean {
  const { namespace = '', pod = '', node = '', issuer = '' } = subject
  return (
    isWanted(query.code, code) &&
    isWanted(query.severity, severity) &&
    isWanted(query.muted, muted ? 'true' : 'false') &&
    isWanted(query.namespace, namespace) &&
    isWanted(query.pod, pod) &&
    isWanted(query.node, node) &&
    isWanted(query.issuer, issuer)
  )
}

const isWanted = (wanted: string | undefined, value: string): boolean => wanted === undefined || wanted === value
