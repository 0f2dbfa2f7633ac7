import { cases, type Case } from './cases.ts'
import { Chance } from './chance.ts'
import type { Condition } from './conditions.ts'
import { Prometheus, type TimeLine } from './prometheus/prometheus.ts'
import { lifetimes, minuteMs, playOf, type LifetimeName, type Play } from './scenes.ts'
import { Watch, type Darkness, type Restart } from './watch.ts'
import { Stage } from './world/stage.ts'
import type { Diagnosed } from './score/agreement.ts'
import type { Fault } from './world/faults.ts'
import type { Life } from './world/lives.ts'
import type { Issuer } from './world/issuer.ts'

/** One fleet: which lives its SVIDs have, who looks at it, and what befalls it. */
export interface FleetSpec {
  readonly seed: number
  readonly lifetime: LifetimeName
  /** Of scrapes and evaluations. */
  readonly intervalMs: number
  /** Which copies svidwatch knows, and workloads are judged by. */
  readonly knows: 'mounted' | 'issued'
  readonly conditions: readonly Condition[]
  /** The seed of the plan that it is of. */
  readonly plan: number
  /** The name under which its conditions are told. */
  readonly told: string
  readonly workloadsPerCase: number
}

/** What really happened, and what Prometheus has of it. */
export interface FleetRun {
  readonly spec: FleetSpec
  readonly play: Play
  readonly lives: readonly Life[]
  readonly issuers: readonly Issuer[]
  readonly faults: readonly Fault[]
  readonly dark: readonly Darkness[]
  readonly restarts: readonly Restart[]
  /** When replicas of svidwatch were targets no more; Infinity for those that still are. */
  readonly removedMs: readonly number[]
  readonly diagnosed: readonly Diagnosed[]
  readonly lines: readonly TimeLine[]
  readonly svidwatchSkewMs: number
  readonly prometheusSkewMs: number
}

/** How much later rules page because the clock of Prometheus is behind that of svidwatch, ms. */
export const clockDelayMs = ({ svidwatchSkewMs, prometheusSkewMs }: FleetRun): number =>
  Math.max(0, svidwatchSkewMs - prometheusSkewMs)

const isShort = (lifetime: LifetimeName): boolean => lifetimes[lifetime] < 10 * minuteMs

/** Whether a condition can befall fleets of such lives. */
export const suits = ({ needs }: Condition, lifetime: LifetimeName): boolean =>
  needs === undefined || (needs === 'hours' ? !isShort(lifetime) : lifetime === '1 h')

const takesPart = ({ needs }: Case, { lifetime, knows }: FleetSpec): boolean =>
  (!needs?.includes('hours') || !isShort(lifetime)) && (!needs?.includes('mounted') || knows === 'mounted')

/** Lets a fleet live through its scenes. */
export async function runFleet(spec: FleetSpec, isWanted: (family: string) => boolean): Promise<FleetRun> {
  const chance = new Chance(spec.seed)
  const play = playOf(lifetimes[spec.lifetime], chance)
  const stage = new Stage(play, chance, spec.knows)
  for (let made = 0; made < 3; made += 1) stage.node()
  stage.issuer()
  for (const one of cases)
    if (takesPart(one, spec)) one.stage(stage, Math.ceil(spec.workloadsPerCase * (one.weight ?? 1)))

  const clocks = Object.assign(
    { svidwatchMs: 0, prometheusMs: 0 },
    ...spec.conditions.map(({ clocks }) => clocks?.(chance)),
  ) as {
    svidwatchMs: number
    prometheusMs: number
  }
  const { world } = stage
  const watch = new Watch({
    world,
    play,
    seesNodes: spec.knows === 'mounted',
    skewMs: clocks.svidwatchMs,
    chance,
    moments: new Chance(spec.seed + 1),
  })
  for (const { befall } of spec.conditions) befall?.(watch, play, chance)

  const prometheus = new Prometheus({ world, targets: watch.targets, intervalMs: spec.intervalMs, isWanted })
  const lines: TimeLine[] = []
  for (const scene of play.scenes) {
    await world.agenda.runUntil(scene.fromMs)
    lines.push(await prometheus.watch(scene))
  }
  const { dark, restarts, diagnosed } = watch
  const { lives, issuers, faults } = stage
  const removedMs = watch.targets.map((target) => target.removedMs)
  const skews = { svidwatchSkewMs: clocks.svidwatchMs, prometheusSkewMs: clocks.prometheusMs }
  return {
    spec,
    play,
    lives: lives.all,
    issuers,
    faults: faults.all,
    dark,
    restarts,
    removedMs,
    diagnosed,
    lines,
    ...skews,
  }
}
