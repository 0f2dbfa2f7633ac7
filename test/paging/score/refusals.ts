import { many } from '../../../alerts/refusals.ts'
import type { FleetRun } from '../fleet.ts'
import type { Scene } from '../scenes.ts'
import type { Fault } from '../world/faults.ts'
import { inLight } from './light.ts'

/** When the own alert of an SVID that peers refuse must fire, and how long that takes. */
export interface OwnAlert {
  readonly byMs: number
  /** How long the SVID must have been refused. */
  readonly waitMs: number
  /** How long it takes until that is known to svidwatch, scraped, and evaluated. */
  readonly knownMs: number
}

/**
 * Returns by when an alert must tell of a refused SVID. If enough SVIDs of its issuer are refused before its own alert fires, the
 * alert of the issuer speaks for it, and waits as long from when the last of those is known.
 */
export function refusedByMs(run: FleetRun, { workload, alert }: Fault, scene: Scene, own: OwnAlert): number {
  const { waitMs, knownMs } = own
  const startMs = own.byMs - waitMs - knownMs
  const refusals = run.faults
    .filter((other) => other.alert === alert && other.workload.issuer === workload.issuer)
    .map(({ fromMs, toMs, isCertain, workload: { node } }) => {
      const beganMs = Math.max(fromMs, scene.fromMs)
      const toldMs = inLight(run, node.name, Math.max(beganMs, startMs), knownMs)
      return { beganMs, toldMs, toMs, goneMs: inLight(run, node.name, toMs, knownMs), isCertain }
    })
  const mayBeMany = refusals.some(({ beganMs }) => {
    const atMs = Math.max(beganMs, startMs)
    return atMs < own.byMs && refusals.filter((one) => one.beganMs <= atMs && one.goneMs >= atMs).length >= many
  })
  if (!mayBeMany) return own.byMs
  const certain = refusals.filter(({ isCertain }) => isCertain)
  const areMany = certain
    .map(({ toldMs }) => toldMs)
    .filter((atMs) => certain.filter(({ toldMs, toMs }) => toldMs <= atMs && toMs > atMs).length >= many)
  return Math.max(own.byMs, Math.min(own.byMs, ...areMany) + waitMs)
}
