import type { Workload } from './workload.ts'

/** The alerts that tell of faults between renewals, when nothing expires yet. */
export const faultAlerts = [
  'SVIDNotReloaded',
  'SVIDMountGone',
  'SVIDMountDetached',
  'SVIDVolumeEmpty',
  'SVIDMountedBySubPath',
  'SVIDRefusedByPeers',
] as const
export type FaultAlert = (typeof faultAlerts)[number]

/** A fault of the copies of one workload, from when an alert may tell of it until it is over. Times are true. */
export interface Fault {
  readonly alert: FaultAlert
  readonly workload: Workload
  readonly fromMs: number
  toMs: number
  /** Whether an alert must tell of it, if it lasts. */
  readonly isCertain: boolean
}

/** All faults that workloads have had. */
export class Faults {
  readonly all: Fault[] = []

  begin(workload: Workload, alert: FaultAlert, fromMs: number, toMs = Infinity): void {
    this.all.push({ alert, workload, fromMs, toMs, isCertain: true })
  }

  /** Of this fault, svidwatch may tell or not, because clocks differ. */
  beginUncertain(workload: Workload, alert: FaultAlert, fromMs: number, toMs: number): void {
    this.all.push({ alert, workload, fromMs, toMs, isCertain: false })
  }

  /** The fault of a workload is over, if it has one. */
  end(workload: Workload, alert: FaultAlert, atMs: number): void {
    const fault = this.of(workload, alert)
    if (fault) fault.toMs = atMs
  }

  /** The fault of a workload that is not over. */
  of(workload: Workload, alert: FaultAlert): Fault | undefined {
    return this.all.findLast((one) => one.workload === workload && one.alert === alert && one.toMs === Infinity)
  }

  /** The pod of a workload runs no more. */
  endAll(workload: Workload, atMs: number): void {
    for (const fault of this.all) if (fault.workload === workload) fault.toMs = Math.min(fault.toMs, atMs)
  }
}
