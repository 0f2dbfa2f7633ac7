import type { MountedObservation } from '../../ledger/workloads/observations.ts'
import type { Report } from '../../ledger/observations.ts'
import type { RejectionReason } from '../../ledger/sight/reasons.ts'
import { maxFindings } from '../../nodeStream/contract.ts'
import { decodeLine, type StreamLine } from '../../nodeStream/lines.ts'
import { printable } from '../../text/printable.ts'
import { FindingsError } from './findingsError.ts'
import type { Standing } from './standing.ts'

/** A stream with this many malformed lines is not that of a node role. */
const maxMalformed = 100

type LineOf<Type extends StreamLine['type']> = Extract<StreamLine, { type: Type }>

/**
 * Turns the lines of one stream of a node role into observations. A snapshot is reported once it is complete. One that breaks
 * off is dropped, so that findings cannot accumulate in snapshots that never end.
 */
export class Intake {
  readonly #node: string
  readonly #standing: Standing
  readonly #report: Report
  /** The findings of the snapshot that is not complete yet. */
  #snapshot: Map<string, MountedObservation> | undefined
  /** The volumes that the node role has reported as mounted; undefined before the first snapshot is complete. */
  #volumes: Set<string> | undefined
  #hasReportedSight = false
  #malformedLines = 0
  #overfull = false

  constructor(node: string, standing: Standing, report: Report) {
    this.#node = node
    this.#standing = standing
    this.#report = report
  }

  /** Reports whether the first snapshot is complete. */
  get isSynced(): boolean {
    return this.#volumes !== undefined
  }

  /** Reports whether the node role has reported that it sees its node's files, or that it does not. */
  get hasReportedSight(): boolean {
    return this.#hasReportedSight
  }

  /** Takes one line. Throws a `FindingsError` if too many lines were malformed. */
  take(text: string): void {
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
        this.#hasReportedSight = true
        return this.#standing.contact()
      case 'blind':
        this.#hasReportedSight = true
        return this.#standing.trouble(line.reason, line.detail)
      case 'heartbeat':
      case 'unknown':
        return this.#standing.lineReceived()
    }
  }

  #complete(): void {
    const snapshot = this.#snapshot
    if (snapshot === undefined) return
    this.#snapshot = undefined
    this.#volumes = new Set(snapshot.keys())
    this.#report({ kind: 'findingsListing', node: this.#node })
    for (const mounted of snapshot.values()) this.#report({ kind: 'mounted', mounted, node: this.#node })
    this.#report({ kind: 'findingsListed', node: this.#node })
  }

  #mounted({ mounted }: LineOf<'mounted'>): void {
    const volume = `${mounted.podUid}/${mounted.volume}`
    const known = this.#snapshot ?? this.#volumes
    if (known === undefined) return this.#refuse('finding before the first snapshot')
    if (known.size >= maxFindings && !known.has(volume)) return this.#refuseMore()
    if (this.#snapshot) this.#snapshot.set(volume, mounted)
    else {
      this.#volumes?.add(volume)
      this.#report({ kind: 'mounted', mounted, node: this.#node })
      this.#standing.lineReceived()
    }
  }

  #unmounted({ podUid, volume }: LineOf<'unmounted'>): void {
    const known = this.#snapshot ?? this.#volumes
    const wasKnown = known?.delete(`${podUid}/${volume}`) === true
    if (!wasKnown || known !== this.#volumes) return
    this.#report({ kind: 'unmounted', podUid, volume, node: this.#node })
    this.#standing.lineReceived()
  }

  #refuse(problem: string): void {
    this.#malformedLines += 1
    this.#reject('malformed_finding', printable(problem))
    if (this.#malformedLines < maxMalformed) return
    throw new FindingsError('protocol', `${maxMalformed} lines of the stream were malformed; the last one: ${problem}`)
  }

  #refuseMore(): void {
    if (!this.#overfull)
      this.#reject('too_many_findings', `more than ${maxFindings} volumes were reported: the others are ignored`)
    this.#overfull = true
  }

  #reject(reason: RejectionReason, detail: string): void {
    this.#report({ kind: 'rejected', source: 'nodeFindings', reason, where: `the node role of ${this.#node}`, detail })
  }
}
