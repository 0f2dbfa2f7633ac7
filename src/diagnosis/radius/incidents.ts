import type { Clock } from '../../clock.ts'
import type { SvidFacts } from '../../ledger/workloads/compared/facts.ts'
import type { Remedy } from '../codes.ts'
import type { Evidence, Judged, Judgement, Subject } from '../diagnosis.ts'
import type { Missed } from '../svids.ts'
import { Explained } from './explained.ts'
import { explain } from './explain.ts'
import { allFamilies, keyOf, type Cause, type Family } from './families.ts'
import { Rows } from './rows.ts'
import { addSighting, familyOf, type Known } from './sighting.ts'

/** The number of nodes that are named in evidence. */
const namedFirst = 5

interface Incident {
  readonly cause: Cause
  /** What it explains, as of the present judgement. */
  explained: Explained
}

/**
 * Incidents finds the one thing that explains many problems of SVIDs: a node, an issuer, a trust domain, or everything. It remembers
 * what it has named, so that a name stays while an incident spreads and heals.
 */
export class Incidents {
  readonly #clock: Clock
  #incidents: ReadonlyMap<string, Incident> = new Map()
  #rows = new Rows()
  #nowMs = -Infinity
  /** SVIDs are counted only while any has a problem that could have a common cause. */
  #counts = false
  #hasProblems = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins another judgement. */
  begin(): void {
    this.#rows = new Rows()
    this.#hasProblems = false
    this.#nowMs = this.#clock.now()
    for (const incident of this.#incidents.values()) incident.explained = new Explained()
  }

  /** Takes an SVID, with the judgements about it. Returns those with the incidents that explain them. */
  takes(
    facts: SvidFacts,
    missed: Missed | undefined,
    judgements: readonly Judgement[],
    explained: Pick<Known, 'isIssuerDown' | 'isUntrusted'>,
  ): readonly Judgement[] {
    if (this.#counts) {
      const isNotIssued = judgements.some(({ code }) => code === 'not_issued')
      addSighting(this.#rows, facts, { ...explained, missed, isNotIssued, nowMs: this.#nowMs })
    }
    return judgements.map((judgement) => this.#explained(facts, missed, judgement))
  }

  /** Names what explains the problems, once all SVIDs were taken. Reports whether the same was named, or nothing counted, before. */
  *conclude(judged: Judged): Generator<undefined, boolean> {
    if (!this.#counts) {
      this.#counts = this.#hasProblems
      return !this.#counts
    }
    this.#counts = this.#hasProblems
    const earlier = this.#incidents
    const before = new Set(earlier.keys())
    const incidents = new Map<string, Incident>()
    for (const family of allFamilies) {
      const causes = yield* explain({ family, rows: this.#rows, before, nowMs: this.#nowMs })
      for (const cause of causes) {
        const key = keyOf(cause)
        incidents.set(key, { cause, explained: earlier.get(key)?.explained ?? new Explained() })
      }
    }
    this.#incidents = incidents
    for (const [key, incident] of incidents) if (incident.explained.count > 0) judged(judgementOf(key, incident))
    return (
      earlier.size === incidents.size &&
      earlier.entries().every(([key, { cause }]) => isSame(cause, incidents.get(key)))
    )
  }

  #explained(facts: SvidFacts, missed: Missed | undefined, judgement: Judgement): Judgement {
    if (judgement.explainedBy !== '' || judgement.muted) return judgement
    const family = familyOf(judgement.code, facts, missed)
    if (family === undefined) return judgement
    this.#hasProblems = true
    const incident = this.#incidentOf(family, facts)
    if (incident === undefined) return judgement
    incident.explained.add(judgement)
    return { ...judgement, explainedBy: 'incident' }
  }

  #incidentOf(family: Family, { labels: { node, issuer, trust_domain } }: SvidFacts): Incident | undefined {
    if (this.#incidents.size === 0) return undefined
    const of = (kind: 'node' | 'issuer' | 'trust_domain' | 'everything', name: string): Incident | undefined =>
      this.#incidents.get(keyOf({ family, kind, name }))
    const everywhere = of('everything', '')
    const { nodes = [] } = everywhere?.cause ?? {}
    if (everywhere && (nodes.length === 0 || nodes.includes(node))) return everywhere
    return of('node', node) ?? of('issuer', issuer) ?? of('trust_domain', trust_domain)
  }
}

/** Reports whether an incident explains the same as before. */
const isSame = ({ nodes }: Cause, incident: Incident | undefined): boolean =>
  incident !== undefined && incident.cause.nodes.join() === nodes.join()

const remedies: Readonly<Record<Family, Remedy>> = {
  renewals: 'driver',
  mounts: 'new_pod',
  refusals: 'bundle',
  issuance: 'driver',
}

function judgementOf(key: string, { cause, explained }: Incident): Judgement {
  const { family, kind } = cause
  return {
    code: 'incident',
    severity: explained.severity,
    key,
    subject: subjectOf(cause),
    reason: `${kind}_${family}`,
    sinceMs: explained.sinceMs,
    ...(explained.impactMs !== undefined && { impactMs: explained.impactMs }),
    evidence: evidenceOf(cause, explained),
    remedy: remedies[family],
    explainedBy: '',
    muted: false,
  }
}

function subjectOf({ kind, name }: Cause): Subject {
  if (kind === 'node') return { node: name }
  if (kind === 'issuer') return { issuer: name }
  return kind === 'trust_domain' ? { trust_domain: name } : {}
}

function evidenceOf({ failing, of, elsewhere, elsewhereOf, nodes }: Cause, { count }: Explained): Evidence {
  const more = nodes.length > namedFirst ? ` and ${nodes.length - namedFirst} more` : ''
  return {
    problems: count,
    failing: `${failing} of ${of}`,
    ...(elsewhereOf > 0 && { elsewhere: `${elsewhere} of ${elsewhereOf}` }),
    ...(nodes.length > 0 && { nodes: nodes.slice(0, namedFirst).join(', ') + more }),
  }
}
