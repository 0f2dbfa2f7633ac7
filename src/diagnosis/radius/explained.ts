import type { Severity } from '../codes.ts'
import type { Judgement } from '../diagnosis.ts'

/** Explained gathers the problems that an incident explains. Times are ms since the Unix epoch. */
export class Explained {
  count = 0
  severity: Severity = 'warning'
  /** Since when the first of them exists; undefined while nobody knows. */
  sinceMs: number | undefined
  /** From when on connections fail; undefined if none do. */
  impactMs: number | undefined

  add({ severity, sinceMs, impactMs }: Judgement): void {
    this.count += 1
    if (severity === 'critical') this.severity = 'critical'
    this.sinceMs = earlierOf(this.sinceMs, sinceMs)
    this.impactMs = earlierOf(this.impactMs, impactMs)
  }
}

const earlierOf = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
