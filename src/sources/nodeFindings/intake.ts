import { printable } from '../../kubernetes/json.ts'
import type { Report } from '../../ledger/observations.ts'
import type { RejectionReason } from '../../ledger/reasons.ts'
import { maxFindings } from '../../nodeStream/contract.ts'
import { decodeLine, type StreamLine } from '../../nodeStream/lines.ts'
import { FindingsError } from './connection.ts'
import type { Standing } from './standing.ts'

/** A stream with so many lines that are none is not one of a node role. */
const maxMalformed = 100

type Said<Type extends StreamLine['type']> = Extract<StreamLine, { type: Type }>

/** Turns the lines of one stream of one node role into observations. */
export class Intake {
  readonly #node: string
  readonly #standing: Standing
  readonly #report: Report
  /** The volumes that it tells of. */
  readonly #held = new Set<string>()
  #listing = false
  #synced = false
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
    return this.#synced
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
        return this.#begin()
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
        return
    }
  }

  #begin(): void {
    this.#held.clear()
    this.#listing = true
    this.#report({ kind: 'findingsListing', node: this.#node })
  }

  #complete(): void {
    if (!this.#listing) return
    this.#listing = false
    this.#synced = true
    this.#report({ kind: 'findingsListed', node: this.#node })
  }

  #mounted({ mounted }: Said<'mounted'>): void {
    const volume = `${mounted.podUid}/${mounted.volume}`
    if (this.#held.size >= maxFindings && !this.#held.has(volume)) return this.#refuseMore()
    this.#held.add(volume)
    this.#report({ kind: 'mounted', mounted, node: this.#node })
  }

  #unmounted({ podUid, volume }: Said<'unmounted'>): void {
    this.#held.delete(`${podUid}/${volume}`)
    this.#report({ kind: 'unmounted', podUid, volume, node: this.#node })
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
