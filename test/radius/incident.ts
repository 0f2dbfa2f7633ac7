import { Diagnoses } from '../../src/diagnosis/diagnoses.ts'
import type { Diagnosis } from '../../src/diagnosis/diagnosis.ts'
import { Chance } from '../paging/chance.ts'
import { causesOf, unrelatedOf, type Cause } from './causes.ts'
import { fleetOf, type Fleet } from './fleet.ts'
import { Pages } from './pages.ts'
import { Reading } from './reading.ts'
import type { Hindrance, Svid } from './svid.ts'
import { Verdicts, type JudgedCause, type Wrong } from './verdicts.ts'

const epochMs = Date.UTC(2026, 10, 22, 12)

/** What came of one simulated incident. */
export interface Outcome {
  readonly seed: number
  readonly fleet: Fleet
  readonly causes: readonly JudgedCause[]
  /** What was named that is not the cause. */
  readonly wrong: readonly Wrong[]
  /** Critical alerts, and how many there would be if nothing were named but issuers that are down. */
  readonly pages: number
  readonly pagesBefore: number
}

/** One in ten has no common cause. */
const unrelatedShare = 0.1
const steps = 110

/** Lets an incident happen to a fleet, while the real diagnosis judges what svidwatch would know of it. */
export async function simulate(seed: number): Promise<Outcome> {
  const chance = new Chance(seed)
  const fleet = fleetOf(chance)
  const causes = chance.happens(unrelatedShare) ? unrelatedOf(chance, fleet) : causesOf(chance, fleet)
  const restartAtStep = chance.happens(0.2) ? chance.whole(10, 90) : undefined
  const stepMs = fleet.lifetimeMs / 120
  let nowMs = 0
  const clock = {
    now: () => epochMs + nowMs,
    monotonicMs: () => nowMs,
    processorMs: () => 0,
    random: () => 0.5,
    sleep: () => Promise.resolve(),
  }
  const ledger = new Reading(fleet, epochMs, 0.05 * fleet.lifetimeMs).ledger(() => nowMs)
  let diagnoses = new Diagnoses(ledger, clock)
  const verdicts = new Verdicts(fleet, causes)
  const unrelated = new Set(
    fleet.svids
      .filter((svid) => causes.some(({ scope, fromMsOf }) => scope === 'singles' && fromMsOf(svid) !== undefined))
      .map(({ of }) => of.key),
  )
  const pages = new Pages(({ explainedBy }) => explainedBy !== '', unrelated)
  const before = new Pages(({ explainedBy }) => explainedBy !== '' && explainedBy !== 'incident', unrelated)
  for (let step = 0; step < steps; step += 1) {
    nowMs = step * stepMs
    for (const svid of fleet.svids) happen(svid, causes, nowMs, chance)
    if (step === restartAtStep) diagnoses = new Diagnoses(ledger, clock)
    await diagnoses.judge()
    const all = [...diagnoses.all()]
    verdicts.hear(all, nowMs)
    pages.hear(all, clock.now())
    before.hear(withoutIncidents(all), clock.now())
  }
  const { judged, wrong } = verdicts.conclude()
  return { seed, fleet, causes: judged, wrong, pages: pages.count, pagesBefore: before.count }
}

const withoutIncidents = (diagnoses: readonly Diagnosis[]): readonly Diagnosis[] =>
  diagnoses.filter(({ code }) => code !== 'incident')

/** Lets a step of time pass for an SVID. */
function happen(svid: Svid, causes: readonly Cause[], nowMs: number, chance: Chance): void {
  const active = causes.filter((cause) => {
    const fromMs = cause.fromMsOf(svid)
    return fromMs !== undefined && nowMs >= fromMs && nowMs < cause.toMs
  })
  const has = (failure: Cause['failure']): boolean => active.some((cause) => cause.failure === failure)
  const refusing = active.filter(({ failure }) => failure === 'refused when new')
  const hindrance: Hindrance = {
    isUnasked: has('unasked'),
    isUnanswered: has('unanswered'),
    refusedToMs: lastEndMs(refusing),
  }
  svid.step(nowMs, hindrance, chance.random)
  if (has('detached')) svid.detached ??= { sinceMs: nowMs, heldGotMs: svid.gotMs }
  const refusesOld = active.filter(({ failure, beganMs }) => failure === 'refused when old' && svid.gotMs < beganMs)
  const toMs = lastEndMs(refusesOld)
  if (toMs !== undefined) svid.refuse(nowMs, toMs)
  heal(svid, causes, active, nowMs)
}

const lastEndMs = (causes: readonly Cause[]): number | undefined =>
  causes.length === 0 ? undefined : Math.max(...causes.map(({ toMs }) => toMs))

/** Once the bundle is right, or a new pod has come, what was refused or detached is well again. */
function heal(svid: Svid, causes: readonly Cause[], active: readonly Cause[], nowMs: number): void {
  if (svid.refused && svid.refused.toMs <= nowMs) svid.refused = undefined
  const isDetaching = ({ failure }: Cause): boolean => failure === 'detached'
  const isOver = causes.some((cause) => isDetaching(cause) && cause.toMs <= nowMs && cause.fromMsOf(svid) !== undefined)
  if (isOver && !active.some(isDetaching)) svid.detached = undefined
}
