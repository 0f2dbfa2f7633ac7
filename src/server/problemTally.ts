import type { Severity } from '../diagnosis/codes.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'

/** The number of problems by severity. Muted ones count only as muted. */
export type ProblemCounts = Readonly<Record<Severity | 'muted', number>>

/** ProblemTally counts problems. */
export class ProblemTally {
  readonly #counts = { critical: 0, warning: 0, muted: 0 }

  get counts(): ProblemCounts {
    return this.#counts
  }

  get total(): number {
    const { critical, warning, muted } = this.#counts
    return critical + warning + muted
  }

  add({ severity, muted }: Pick<Diagnosis, 'severity' | 'muted'>): void {
    this.#counts[muted ? 'muted' : severity] += 1
  }
}
