import { renewalDueMs } from '../../../src/identity/renewal.ts'
import type { X509Svid } from '../../../src/identity/x509Svid.ts'
import { writerOf, type Workload } from './workload.ts'

/** One SVID in the hands of a workload, from when it got it until it got another one. Times are true. */
export interface Life {
  readonly workload: Workload
  readonly sinceMs: number
  /** The rule of its writer: for the driver, when a third of the lifetime is left. */
  readonly dueMs: number
  /** From then on every peer refuses it. */
  readonly expiryMs: number
  /** When the workload got the next one. */
  renewedMs: number
  /** When its pod was gone, or had ended. */
  endedMs: number
  /** When a newer one was issued that never arrives, because the mount is dead. */
  supersededMs: number
  /** When its request was deleted, and nothing but the file tells of the SVID. */
  requestGoneMs: number
}

/** All SVIDs that workloads have had. */
export class Lives {
  readonly all: Life[] = []

  replace(workload: Workload, svid: X509Svid, atMs: number): void {
    if (workload.life) workload.life.renewedMs = atMs
    const dueMs = renewalDueMs(svid, writerOf(workload).rule)
    const unknown = { renewedMs: Infinity, endedMs: Infinity, supersededMs: Infinity, requestGoneMs: Infinity }
    workload.life = { workload, sinceMs: atMs, dueMs, expiryMs: svid.notAfterMs, ...unknown }
    this.all.push(workload.life)
  }
}

/**
 * What becomes of a workload where nobody acts: a peer refuses its SVID while its pod still runs (`suffers`); it is renewed on
 * a retry before a quarter of the time between due and expiry has passed, or its pod is gone by then (`fine`); or neither
 * (`late`): it comes to itself, but nobody could know.
 */
export type Outcome = 'suffers' | 'fine' | 'late'

export function outcomeOf({ dueMs, expiryMs, renewedMs, endedMs }: Life): Outcome {
  const overMs = Math.min(renewedMs, endedMs)
  if (overMs > expiryMs) return 'suffers'
  return overMs <= dueMs + (expiryMs - dueMs) / 4 ? 'fine' : 'late'
}
