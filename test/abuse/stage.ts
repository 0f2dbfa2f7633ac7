import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock as clock } from '../../src/clock.ts'
import { usageOf } from '../bench/processUsage.ts'
import { startProgram, type Program } from '../bench/program.ts'
import { shippedMemoryLimit } from '../support/shippedContainer.ts'
import { answers } from './ask.ts'
import type { Attack } from './attacks.ts'
import { startCluster, type Cluster } from './cluster.ts'
import { createMemoryCgroup, type MemoryCgroup } from '../support/memoryCgroup.ts'
import { Observer } from './observer.ts'
import type { Outcome } from './outcome.ts'

export interface StageOptions {
  readonly copies: number
  readonly scrapeEveryMs: number
}

/** So long svidwatch may take until it answers again when an attack has ended. */
const recoveryMs = 30_000

const mebibyte = 2 ** 20

/** The cluster role in the memory of its container, the cluster that it watches, and whoever attacks one of them. */
export class Stage {
  readonly #options: StageOptions
  readonly #cluster: Cluster
  readonly #cgroup: MemoryCgroup | undefined
  readonly #folder = mkdtempSync(join(tmpdir(), 'svidwatch-abuse-'))
  /** How the memory of the process is bounded, in words. */
  readonly memory: string
  #program: Program | undefined

  /** Resolves when svidwatch has listed the cluster. */
  static async start(options: StageOptions): Promise<Stage> {
    const stage = new Stage(options, await startCluster(options.copies))
    await stage.#running()
    return stage
  }

  private constructor(options: StageOptions, cluster: Cluster) {
    this.#options = options
    this.#cluster = cluster
    const limitBytes = shippedMemoryLimit('cluster')
    const cgroup = createMemoryCgroup(`svidwatch-abuse-${process.pid}`, limitBytes)
    const isBounded = 'procs' in cgroup
    this.#cgroup = isBounded ? cgroup : undefined
    this.memory = isBounded
      ? `a memory cgroup of ${limitBytes / mebibyte} MiB`
      : `no memory cgroup, because none can be made here (${cgroup.problems})`
  }

  /** Attacks for so long, and resolves with what came of it. A process that has ended is started again before. */
  async under(attack: Attack, attackMs: number): Promise<Outcome> {
    const { scrapeEveryMs } = this.#options
    const program = await this.#running()
    forgetPeak(program.pid)
    const { waitedSeconds } = usageOf(program.pid)
    const underWay = await attack.begin({ program, cluster: this.#cluster, attackMs })
    const observer = new Observer(program, scrapeEveryMs)
    await untilEndOr(attackMs, program)
    const observations = await observer.end()
    const did = await underWay.end()
    const isRecovered = await this.#recovers(program)
    const end = this.#endOf(program)
    const usage = end === undefined ? usageOf(program.pid) : undefined
    if (!isRecovered) await this.#stop('SIGKILL')
    return {
      ...{ attack: attack.name, did, ...observations, end, isRecovered },
      peakRssBytes: usage?.peakRssBytes ?? NaN,
      waitedSeconds: (usage?.waitedSeconds ?? NaN) - waitedSeconds,
    }
  }

  /** The metrics in the text format. */
  async metrics(): Promise<string> {
    const answer = await fetch(`${(await this.#running()).url}/metrics`)
    if (!answer.ok) throw new Error(`GET /metrics: ${answer.status}`)
    return answer.text()
  }

  /** What the cgroup has to say in the end; undefined without one. */
  get cgroupFigures(): string | undefined {
    if (this.#cgroup === undefined) return undefined
    const { peakBytes, kills } = this.#cgroup.usage()
    return `peak of the cgroup: ${(peakBytes / mebibyte).toFixed(0)} MiB; killed for memory: ${kills}`
  }

  async close(): Promise<void> {
    await this.#stop()
    await this.#cluster.close()
    this.#cgroup?.remove()
    rmSync(this.#folder, { recursive: true })
  }

  /** The process that runs; a new one if there is none. */
  async #running(): Promise<Program> {
    if (this.#program !== undefined && !hasEnded(this.#program)) return this.#program
    await this.#stop()
    const kubeconfig = join(this.#folder, 'kubeconfig')
    writeFileSync(kubeconfig, this.#cluster.kubeconfig)
    const settings = { kubernetes: { kubeconfig }, log: { level: 'error', format: 'json' } }
    this.#program = await startProgram({ clock, role: 'cluster', settings, cgroupProcs: this.#cgroup?.procs })
    await this.#program.ready()
    return this.#program
  }

  /** Resolves with whether the process answers a probe and a scrape soon. */
  async #recovers(program: Program): Promise<boolean> {
    const endMs = clock.monotonicMs() + recoveryMs
    while (!hasEnded(program) && clock.monotonicMs() < endMs) {
      if (await answers(program)) return true
      await clock.sleep(100)
    }
    return false
  }

  #endOf({ process: { exitCode, signalCode } }: Program): string | undefined {
    if (exitCode === null && signalCode === null) return undefined
    return signalCode === 'SIGKILL' && this.#cgroup !== undefined
      ? `SIGKILL (the cgroup has killed ${this.#cgroup.usage().kills} for memory)`
      : (signalCode ?? `exit code ${exitCode}`)
  }

  async #stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const program = this.#program
    this.#program = undefined
    program?.process.kill(signal)
    await program?.stop()
  }
}

const hasEnded = ({ process: { exitCode, signalCode } }: Program): boolean => exitCode !== null || signalCode !== null

/** Resolves after a while, or when the process has ended. */
async function untilEndOr(ms: number, program: Program): Promise<void> {
  const done = new AbortController()
  const { signal } = done
  const ended = once(program.process, 'exit', { signal }).catch(() => undefined)
  await Promise.race([clock.sleep(ms, signal), ended])
  done.abort()
}

/** Lets the peak of the memory of a process begin anew (proc_pid_clear_refs(5)). */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}
