import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock as clock } from '../../../src/clock.ts'
import { withKubeconfig } from '../kubeconfigFile.ts'
import { usageOf } from '../processUsage.ts'
import { eventsPerRenewal } from '../renewals.ts'
import { startSimulatedApi, type SimulatedApi } from '../simulatedApi.ts'
import type { Longest } from './longest.ts'
import { questionsFor, type Questions } from './questions.ts'
import { startRecorded, type RecordedProgram } from './recordedProgram.ts'

/** For how long it is looked. */
export interface Thoroughness {
  /** So often is asked for each thing. */
  readonly repeats: number
  /** The time from one commit to the next, and how many commits are looked at. */
  readonly commitSeconds: number
  readonly commits: number
  /** How long workloads are renewed. */
  readonly renewalSeconds: number
}

/** What happens, and the longest turn meanwhile. */
export interface LongestTurn extends Longest {
  readonly what: string
}

/** The longest turns while all workloads are healthy, and while a request of each waits. */
export interface LongestTurns {
  readonly healthy: readonly LongestTurn[]
  readonly waiting: readonly LongestTurn[]
}

const eventsPerSecond = 500
const eventsPerSecondOfOutage = 5_000
/** Whoever was cut off pauses before it asks again, up to so long. */
const askAgainMs = 2_000
/** A list anew takes more of the processor for each object, in ms. */
const leastListMs = 0.005
/** What is not seen after so long is not going to be. */
const patienceMs = 300_000
/** That it has to list again is no trouble worth telling. */
const log = { level: 'error', format: 'json' }

/**
 * Measures the longest turn of the event loop while the cluster role starts, is asked for everything that it answers, commits,
 * lists again and follows renewals, over `size` workloads. Of two programs one keeps no state and the other one does, so that
 * what is asked for and what is written can be told apart; in the end the latter does all of it at once.
 */
export async function longestTurns(size: number, thoroughness: Thoroughness): Promise<LongestTurns> {
  await using running = new AsyncDisposableStack()
  // In the end all of its requests wait: it is nobody else's.
  const api = await startSimulatedApi(size)
  running.defer(() => api.close())
  const folder = mkdtempSync(join(tmpdir(), 'svidwatch-bench-'))
  running.defer(() => rmSync(folder, { recursive: true }))
  return await withKubeconfig(api.kubeconfig, async (kubeconfig) => {
    await using programs = new AsyncDisposableStack()
    const start = async (checkpoint: object): Promise<RecordedProgram> => {
      const program = await startRecorded(clock, { kubernetes: { kubeconfig }, checkpoint, log })
      programs.defer(() => program.stop())
      return program
    }
    const asked = await start({})
    await asked.answers()
    const firstList = { what: 'the first list', ...(await asked.longestDuring(() => asked.ready())) }
    const interval = `${thoroughness.commitSeconds}s`
    const committing = await start({ file: join(folder, 'state.json'), interval })
    await committing.ready()

    const world = { api, size, asked, committing, ...thoroughness }
    const healthy = await everyKind(world)
    const renewing = { renew: size, perSecond: eventsPerSecondOfOutage, unanswered: true }
    const outage = await asked.longestDuring(() => api.renew(renewing))
    await untilWaiting(asked, size)
    await untilWaiting(committing, size)
    const waiting = await everyKind(world)
    return { healthy: [firstList, ...healthy], waiting: [{ what: 'how it came to that', ...outage }, ...waiting] }
  })
}

interface World extends Thoroughness {
  readonly api: SimulatedApi
  readonly size: number
  /** Keeps no state. */
  readonly asked: RecordedProgram
  /** Keeps its state. */
  readonly committing: RecordedProgram
}

async function everyKind(world: World): Promise<readonly LongestTurn[]> {
  const { api, asked, committing, repeats, commitSeconds, commits, renewalSeconds } = world
  await Promise.all([asked.atRest(), committing.atRest()])
  const found: LongestTurn[] = []
  const look = async (what: string, program: RecordedProgram, work: () => Promise<unknown>) =>
    found.push({ what, ...(await program.longestDuring(work)) })

  const questions = await questionsFor(asked.url)
  for (const [what, ask] of Object.entries(questions)) await look(what, asked, () => repeatedly(ask, repeats))
  await look('the state is written', committing, () => clock.sleep((commits + 0.5) * commitSeconds * 1000))
  await look('all is listed again', asked, () => listAgain(world))
  await committing.atRest()
  const renewing = { perSecond: eventsPerSecond, renew: (renewalSeconds * eventsPerSecond) / eventsPerRenewal }
  await look(`renewals, ${eventsPerSecond} events/s`, asked, () => api.renew(renewing))
  const ownQuestions = await questionsFor(committing.url)
  await look('all of that at once', committing, async () => {
    const over = new AbortController()
    const asking = askUntil(over.signal, ownQuestions)
    await api.renew(renewing)
    api.forget()
    await clock.sleep(askAgainMs)
    over.abort()
    await asking
    await committing.atRest()
  })
  return found
}

async function repeatedly(work: () => Promise<unknown>, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) await work()
}

/** Asks as a Prometheus does that scrapes without a pause, and as a person who goes through all the rest. */
async function askUntil(over: AbortSignal, questions: Questions): Promise<void> {
  const askInTurn = async (asks: readonly (() => Promise<unknown>)[]) => {
    while (!over.aborted) for (const ask of asks) await ask()
  }
  const asksOf = (scrapes: boolean) =>
    Object.entries(questions).flatMap(([what, ask]) => (what.startsWith('/metrics') === scrapes ? [ask] : []))
  await Promise.all([askInTurn(asksOf(true)), askInTurn(asksOf(false))])
}

async function listAgain({ api, size, asked }: World): Promise<void> {
  const before = usageOf(asked.pid).cpuSeconds
  api.forget()
  await clock.sleep(askAgainMs)
  await asked.atRest()
  const usedMs = (usageOf(asked.pid).cpuSeconds - before) * 1000
  if (usedMs < size * leastListMs) throw new Error(`svidwatch has listed nothing again: it has used ${usedMs} ms`)
}

/** Resolves when so many requests are seen to wait. */
async function untilWaiting({ url }: RecordedProgram, expected: number): Promise<void> {
  const giveUpMs = clock.now() + patienceMs
  for (;;) {
    const { requests } = (await (await fetch(`${url}/api/v1/status`)).json()) as { requests: { pending: number } }
    if (requests.pending === expected) return
    if (clock.now() > giveUpMs) throw new Error(`${requests.pending} requests wait, and not ${expected}`)
    await clock.sleep(1000)
  }
}
