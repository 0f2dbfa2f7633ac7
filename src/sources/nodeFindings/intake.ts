import type { MountedObservation } from '../../ledger/workloads/observations.ts'
import type { Report } from '../../ledger/observations.ts'
import type { RejectionReason } from '../../ledger/sight/reasons.ts'
import { maxFindings } from '../../nodeStream/contract.ts'
import { decodeLine, type StreamLine } from '../../nodeStream/lines.ts'
import { printable } from '../../text/printable.ts'
import { FindingsError } from './connection.ts'
import type { Standing } from './standing.ts'

/** A stream with so many lines that are none is not one of a node role. */
const maxMalformed = 100

type Said<Type extends StreamLine['type']> = Extract<StreamLine, { type: Type }>

/**
 * Turns the lines of one stream of one node role into observations. A snapshot is reported once it is complete: of one that
 * breaks off nothing is kept, so that nobody can pile up findings by never ending one.
 */
export class Intake {
  readonly #node: string
  readonly #standing: Standing
  readonly #report: Report
  /** What has come of the snapshot that is under way. */
  #snapshot: Map<string, MountedObservation> | undefined
  /** The volumes that it has told of since the first snapshot was complete. */
  #told: Set<string> | undefined
  #toldSight = false
  #malformed = 0
  #overfull = false

  constructor(node: string, standing: Standing, report: Report) {
    this.#node = node
    this.#standing = standing
    this.#report = report
  }

  /** Everything that the node role knew when the stream began has come. */
  get synced(): boolean {
    return this.#told !== undefined
  }

  /** It has said whether it sees its node's files. */
  get toldSight(): boolean {
    return this.#toldSight
  }

  /** Takes one line. Throws a `FindingsError` where the stream is not worth being followed any longer. */
  line(text: string): void {
    const line = decodeLine(text)
    if ('problem' in line) return this.#refuse(line.problem)
    switch (line.type) {
      case 'snapshot':
        this.#snapshot = new Map()
        return
      case 'mounted':
        return this.#mounted(line)
      case 'unmounted':
        return this.#unmounted(line)
      case 'synced':
        return this.#complete()
      case 'sighted':
        this.#toldSight = true
        return this.#standing.contact()
      case 'blind':
        this.#toldSight = true
        return this.#standing.trouble(line.reason, line.detail)
      case 'heartbeat':
      case 'unknown':
        return this.#standing.heard()
    }
  }

  #complete(): void {
    const snapshot = this.#snapshot
    if (snapshot === undefined) return
    this.#snapshot = undefined
    this.#told = new Set(snapshot.keys())
    this.#report({ kind: 'findingsListing', node: this.#node })
    for (const mounted of snapshot.values()) this.#report({ kind: 'mounted', mounted, node: this.#node })
    this.#report({ kind: 'findingsListed', node: this.#node })
  }

  #mounted({ mounted }: Said<'mounted'>): void {
    const volume = `${mounted.podUid}/${mounted.volume}`
    const known = this.#snapshot ?? this.#told
    if (known === undefined) return this.#refuse('a finding before the first snapshot')
    if (known.size >= maxFindings && !known.has(volume)) return this.#refuseMore()
    if (this.#snapshot) this.#snapshot.set(volume, mounted)
    else {
      this.#told?.add(volume)
      this.#report({ kind: 'mounted', mounted, node: this.#node })
      this.#standing.heard()
    }
  }

  #unmounted({ podUid, volume }: Said<'unmounted'>): void {
    const known = this.#snapshot ?? this.#told
    const wasKnown = known?.delete(`${podUid}/${volume}`) === true
    if (!wasKnown || known !== this.#told) return
    this.#report({ kind: 'unmounted', podUid, volume, node: this.#node })
    this.#standing.heard()
  }

  #refuse(problem: string): void {
    this.#malformed += 1
    this.#reject('malformed_finding', printable(problem))
    if (this.#malformed < maxMalformed) return
    throw new FindingsError(
      'protocol',
      `${maxMalformed} lines are not what the stream of a node role has; the last one: ${problem}`,
    )
  }

  #refuseMore(): void {
    if (!this.#overfull)
      this.#reject('too_many_findings', `it tells of more than ${maxFindings} volumes: the rest is left out`)
    this.#overfull = true
  }

  #reject(reason: RejectionReason, detail: string): void {
    this.#report({ kind: 'rejected', source: 'nodeFindings', reason, where: `the node role of ${this.#node}`, detail })
  }
}
