import type { Chance } from './chance.ts'
import { phases, type Target } from './prometheus/prometheus.ts'
import { api, judgeMs, probeMs, SvidwatchProcess, type State } from './prometheus/svidwatchProcess.ts'
import type { Play } from './scenes.ts'
import type { Diagnosed } from './score/agreement.ts'
import type { World } from './world/world.ts'

/** When what svidwatch would tell is not to be had: no target answers, or something is out of its sight. */
export interface Darkness {
  /** `targets`, `api`, the name of a node, or `beginning`: a new process cannot see the API, and knows nothing. */
  readonly of: string
  readonly fromMs: number
  readonly toMs: number
}

export interface Restart {
  readonly endedMs: number
  readonly beganMs: number
}

/** How long the lists of a new process take, at most. */
const longestLoadMs = 5000

export interface WatchOptions {
  readonly world: World
  readonly play: Play
  readonly seesNodes: boolean
  readonly skewMs: number
  readonly chance: Chance
  /** Draws at which moments processes judge. */
  readonly moments: Chance
}

/** The processes of svidwatch, and what befalls them. */
export class Watch {
  readonly targets: Target[] = []
  readonly dark: Darkness[] = []
  /** When processes ended, and when those began that go on from what they have left. */
  readonly restarts: Restart[] = []
  /** The renewals of which a process has said that they were missed. */
  readonly diagnosed: Diagnosed[] = []
  readonly #options: WatchOptions
  readonly #blind = new Map<string, number>()

  constructor(options: WatchOptions) {
    this.#options = options
    this.#add(0, undefined)
  }

  get nodes(): readonly string[] {
    return this.#options.seesNodes ? this.#options.world.nodes : []
  }

  /** No scrape succeeds, or none is made and Prometheus does not notice. */
  gap(atMs: number, ms: number, isNoticed: boolean): void {
    this.#note('targets', atMs, ms)
    this.#at(atMs, () => {
      for (const target of this.targets) {
        target.reached = isNoticed ? 'no' : 'never asked'
        this.#at(atMs + ms, () => (target.reached = 'yes'))
      }
    })
  }

  /** The process ends, and a new one comes at the same address. */
  restart(atMs: number, ms: number): void {
    this.#note('targets', atMs, ms + longestLoadMs)
    this.restarts.push({ endedMs: atMs, beganMs: atMs + ms })
    this.#at(atMs, () => {
      for (const target of this.targets) {
        const state = target.process?.stop()
        if (target.process) this.#at(atMs + ms, () => (target.process = this.#process(state)))
        target.process = undefined
      }
    })
  }

  /** A new process comes at another address, and the old one goes. */
  replace(atMs: number, bothMs: number): void {
    this.restarts.push({ endedMs: atMs, beganMs: atMs })
    this.#at(atMs, () => {
      const old = this.targets.filter(({ removedMs }) => removedMs === Infinity)
      this.#add(this.#options.chance.between(200, longestLoadMs), old[0]?.process?.state())
      for (const target of old)
        this.#at(atMs + bothMs, () => {
          target.process?.stop()
          target.process = undefined
          target.removedMs = atMs + bothMs
        })
    })
  }

  /** The watches of the API are dead for the processes that run, and nothing says so. */
  killWatches(atMs: number, ms: number): void {
    this.#note(api, atMs, ms)
    this.#at(atMs, () => {
      for (const { process } of this.targets) {
        process?.loseWatches()
        this.#at(atMs + ms, () => process?.resumeWatches())
      }
    })
  }

  /** The API, or the files of a node, are out of the sight of all processes. */
  blind(atMs: number, ms: number, of: string): void {
    this.#note(of, atMs, ms)
    this.#at(atMs, () => {
      this.#blind.set(of, (this.#blind.get(of) ?? 0) + 1)
      for (const { process } of this.targets) process?.loseSight(of)
    })
    this.#at(atMs + ms, () => {
      const others = (this.#blind.get(of) ?? 1) - 1
      if (others > 0) return void this.#blind.set(of, others)
      this.#blind.delete(of)
      if (of === api)
        for (const { beganMs } of this.restarts) if (beganMs < atMs + ms) this.#noteBeginning(beganMs, atMs + ms)
      for (const { process } of this.targets) process?.gainSight(of)
    })
  }

  #add(loadingMs: number, state: State | undefined): void {
    const instance = `10.0.0.${this.targets.length + 1}:9797`
    const phase = this.#options.chance.whole(0, phases - 1)
    const process = this.#process(state, loadingMs)
    this.targets.push({ instance, phase, process, reached: 'yes', removedMs: Infinity })
  }

  #process(state: State | undefined, loadingMs = this.#options.chance.between(200, longestLoadMs)): SvidwatchProcess {
    const { world, play, seesNodes, skewMs, moments } = this.#options
    const judgeAfterMs = moments.between(0, judgeMs)
    const probeAfterMs = moments.between(0, probeMs)
    const blind = new Set(this.#blind.keys())
    return new SvidwatchProcess({
      world,
      play,
      seesNodes,
      skewMs,
      judgeAfterMs,
      probeAfterMs,
      diagnosed: this.diagnosed,
      loadingMs,
      state,
      blind,
    })
  }

  /** It has ended by `endMs` that the API could not be seen. */
  #noteBeginning(beganMs: number, endMs: number): void {
    const isBlindThen = this.dark.some(
      ({ of, fromMs, toMs }) => of === api && fromMs <= beganMs + longestLoadMs && toMs >= beganMs,
    )
    if (isBlindThen) this.#note('beginning', beganMs, endMs - beganMs + longestLoadMs)
  }

  #note(of: string, fromMs: number, ms: number): void {
    this.dark.push({ of, fromMs, toMs: fromMs + ms })
  }

  #at(atMs: number, action: () => void): void {
    this.#options.world.agenda.at(atMs, action)
  }
}
