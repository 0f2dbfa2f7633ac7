/** A program that sends `ready` once it has started, runs the tasks that it is sent, and sends `done` after each. */
import { setFlagsFromString } from 'node:v8'
import { measureMemory, runInNewContext } from 'node:vm'
import { systemClock } from '../../src/clock.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Uses `ms` of processor time. */
function work(ms: number): void {
  const before = process.threadCpuUsage()
  for (let spentMs = 0; spentMs < ms;) {
    const { user, system } = process.threadCpuUsage(before)
    spentMs = (user + system) / 1000
  }
}

const kept: object[] = []

const tasks: Readonly<Record<string, () => unknown>> = {
  'work for 60 ms at once': () => work(60),
  'work for 60 ms in turns of 10 ms': async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      work(10)
      await systemClock.sleep(0)
    }
  },
  'sleep for 100 ms in one turn': () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100),
  'collect garbage': collectGarbage,
  'keep a million objects': () => {
    for (let index = 0; index < 1_000_000; index += 1) kept.push({ index })
  },
  'mark all objects in steps': () => measureMemory({ execution: 'eager' }),
}

process.on('message', (task: string) => {
  if (tasks[task] !== undefined) void Promise.resolve(tasks[task]()).then(() => process.send?.('done'))
})
process.send?.('ready')
