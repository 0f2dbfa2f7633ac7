import type { Clock } from '../../../src/clock.ts'
import { heard } from '../childProcess.ts'
import { usageOf } from '../processUsage.ts'
import { startProgram, type Program } from '../program.ts'
import type { Longest } from './longest.ts'

/** The cluster role as a process of its own, of which the turns of its event loop are recorded. */
export interface RecordedProgram extends Program {
  /** The longest turn while something goes on. */
  longestDuring(work: () => Promise<unknown>): Promise<Longest>
  /** Resolves when the process answers, ready or not. */
  answers(): Promise<void>
  /** Resolves when it has next to nothing to do. */
  atRest(): Promise<void>
}

/** A process that needs less of a core than that, given or not, for so long has done what there was to do. */
const restingShare = 0.2
const restingMs = 2000

export async function startRecorded(
  clock: Clock,
  settings: Readonly<Record<string, unknown>>,
): Promise<RecordedProgram> {
  const program = await startProgram({ clock, role: 'cluster', settings, preload: 'turns/recorder.ts' })
  const answerTo = <Answer>(message: 'begin' | 'end') => {
    const answer = heard<Answer>(program.process)
    program.process.send(message)
    return answer
  }
  return {
    ...program,
    longestDuring: async (work) => {
      await answerTo('begin')
      await work()
      return answerTo<Longest>('end')
    },
    answers: async () => {
      while ((await fetch(program.url).catch(() => undefined)) === undefined) await clock.sleep(10)
    },
    atRest: async () => {
      const neededMs = () => {
        const { cpuSeconds, waitedSeconds } = usageOf(program.pid)
        return (cpuSeconds + waitedSeconds) * 1000
      }
      for (let sinceMs = -Infinity; neededMs() - sinceMs > restingMs * restingShare; await clock.sleep(restingMs))
        sinceMs = neededMs()
    },
  }
}
