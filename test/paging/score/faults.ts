import { diagnosisCodes, alertAfter, type DiagnosisCode } from '../../../src/diagnosis/codes.ts'
import { settleMs } from '../../../src/ledger/workloads/refused/refused.ts'
import type { FleetRun } from '../fleet.ts'
import type { Scene } from '../scenes.ts'
import { heartbeatMs, judgeMs, podsMs, probeMs } from '../prometheus/svidwatchProcess.ts'
import type { Firing } from '../prometheus/promtool.ts'
import { reloadGraceMs } from '../world/driver.ts'
import { faultAlerts, type Fault, type FaultAlert } from '../world/faults.ts'
import { inLight } from './light.ts'
import { refusedByMs } from './refusals.ts'

/** How it stands with one fault in one scene. */
export interface JudgedFault {
  readonly fault: Fault
  /**
   * `told`: an alert began in time, and not too early. `missed`: none did, or too late. `either`: the fault, the scene or the light was over
   * before an alert had to fire, so that either is right.
   */
  readonly verdict: 'told' | 'missed' | 'either'
  /** How long after the alert had to wait it began, ms. */
  readonly afterMs?: number
  /** By when the alert had to fire. */
  readonly byMs: number
}

/** The alerts of a fleet that tell of faults between renewals. */
export interface JudgedFaults {
  readonly judged: readonly JudgedFault[]
  /** Alerts of what has no such fault, or had it too short a time. */
  readonly wrong: readonly Firing[]
}

export const isFaultAlert = (name = ''): name is FaultAlert => faultAlerts.some((one) => one === name)

const codes = Object.keys(diagnosisCodes) as DiagnosisCode[]

/** How long a fault lasts before its alert fires. */
function waitOf(alert: FaultAlert): number {
  const code = codes.find((one) => diagnosisCodes[one].alert === alert)
  if (code === undefined) throw new Error(`no problem has the alert ${alert}`)
  return alertAfter(code)
}

/**
 * How long it takes until svidwatch has looked again: at a server, at a pod whose volume is lost, which may have ended, or at files
 * that were written together, once they have settled.
 */
const evidenceMs: Partial<Record<FaultAlert, number>> = {
  SVIDNotReloaded: probeMs,
  SVIDMountGone: podsMs,
  SVIDVolumeEmpty: podsMs,
  SVIDRefusedByPeers: settleMs + heartbeatMs,
}

/** How long it takes until what is true is known to svidwatch, scraped, and evaluated. */
const knownMs = ({ spec }: FleetRun, alert: FaultAlert): number =>
  2 * spec.intervalMs + judgeMs + (evidenceMs[alert] ?? 0)

export function faultsOf(run: FleetRun, firings: readonly Firing[]): JudgedFaults {
  const alerts = firings.filter(({ labels }) => isFaultAlert(labels.alertname))
  const told = [...alerts, ...firings.filter(({ labels }) => labels.alertname === incident && labels.pod === undefined)]
  if (run.spec.knows !== 'mounted') return { judged: [], wrong: alerts }
  return {
    judged: run.faults
      .filter(({ isCertain }) => isCertain)
      .flatMap((fault) => run.play.scenes.flatMap((_, index) => judgedIn(run, fault, index, told) ?? [])),
    wrong: alerts.filter(
      (firing) => !run.faults.some((fault) => tellsOf(firing, fault) && isInTime(run, firing, fault)),
    ),
  }
}

/** The alert that speaks for the faults that have one cause. */
const incident = 'SPIFFEIncident'

const isInIncident = ({ node, issuer, trust_domain }: Firing['labels'], { workload }: Fault): boolean =>
  (node === undefined || node === workload.node.name) &&
  (issuer === undefined || issuer === workload.issuer.name) &&
  (trust_domain === undefined || trust_domain === workload.issuer.trustDomain)

const tellsOf = ({ labels }: Firing, fault: Fault): boolean =>
  labels.alertname === incident ? isInIncident(labels, fault) : tellsByName(labels, fault)

const tellsByName = ({ alertname, pod, issuer }: Firing['labels'], { alert, workload }: Fault): boolean =>
  alertname === alert && (pod === undefined ? issuer === workload.issuer.name : pod === workload.pod)

/** Whether the fault has lasted as long as it must when the alert begins, and svidwatch need not know of its end. */
function isInTime(run: FleetRun, { atMs }: Firing, { alert, fromMs, toMs, workload }: Fault): boolean {
  const skewsMs = Math.abs(run.svidwatchSkewMs) + Math.abs(workload.node.skewMs)
  const overMs = inLight(run, workload.node.name, toMs, knownMs(run, alert))
  return atMs >= fromMs + waitOf(alert) - skewsMs && atMs <= overMs + skewsMs
}

function judgedIn(run: FleetRun, fault: Fault, index: number, alerts: readonly Firing[]): JudgedFault | undefined {
  const scene = run.play.scenes[index]
  if (scene === undefined || fault.toMs <= scene.fromMs || fault.fromMs >= scene.toMs) return undefined
  const { alert } = fault
  const firstMs = Math.max(fault.fromMs, scene.fromMs) + waitOf(alert)
  const byMs = dueBy(run, fault, scene, firstMs)
  const told = alerts
    .filter((firing) => firing.line === index && tellsOf(firing, fault) && firing.atMs <= byMs)
    .map(({ atMs }) => Math.max(0, atMs - firstMs))
  if (told.length > 0) return { fault, verdict: 'told', afterMs: Math.min(...told), byMs }
  return { fault, verdict: byMs > Math.min(fault.toMs, scene.toMs) ? 'either' : 'missed', byMs }
}

/** Returns by when the alert of a fault must fire that could fire at `firstMs`, if all that is true were known at once. */
function dueBy(run: FleetRun, fault: Fault, scene: Scene, firstMs: number): number {
  const { alert, workload } = fault
  const [waitMs, lateMs] = [waitOf(alert), knownMs(run, alert)]
  const byMs = inLight(run, workload.node.name, firstMs, lateMs, waitMs + reloadMs(run, alert))
  return alert === 'SVIDRefusedByPeers' ? refusedByMs(run, fault, scene, { byMs, waitMs, knownMs: lateMs }) : byMs
}

/** Once svidwatch is there and sees again, it gives a server the whole time to reload. */
const reloadMs = ({ play }: FleetRun, alert: FaultAlert): number =>
  alert === 'SVIDNotReloaded' ? reloadGraceMs(play) : 0
