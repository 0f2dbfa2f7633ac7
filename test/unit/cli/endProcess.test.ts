import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { canMountFuse, FuseMount } from '../../support/fuse/fuseMount.ts'

const endProcess = join(import.meta.dirname, '../../../src/cli/endProcess.ts')
const clock = join(import.meta.dirname, '../../../src/clock.ts')

/** Runs a program that begins to read a file and then does `last`; resolves with how it ended, and what it wrote to stderr. */
async function runToEnd(path: string, last: string) {
  const program = `
    import { stat } from 'node:fs/promises'
    import { endProcess, endWhateverHangs } from '${endProcess}'
    import { systemClock } from '${clock}'
    endWhateverHangs()
    process.on('SIGTERM', () => undefined)
    void stat('${path}')
    ${last}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stderr }
}

const ends: [what: string, last: string, code: number][] = [
  ['is done', 'await endProcess(systemClock, 0)', 0],
  ['has failed', 'await endProcess(systemClock, 1)', 1],
]
const bug: (typeof ends)[number] = ['does not catch an error', "throw new Error('a bug')", 1]

test.each(ends)(
  'a process that %s ends with its exit code, although a call is about to end',
  async (_what, last, code) => {
    expect(await runToEnd('/', last)).toMatchObject({ code, signal: null })
  },
)

describe.skipIf(!canMountFuse)('while a file system does not answer (needs root and /dev/fuse)', () => {
  let folder: string
  let fuse: FuseMount
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'svidwatch-stuck-'))
    fuse = FuseMount.create(folder, import.meta.dirname)
    fuse.stop()
  })
  afterEach(async () => {
    await fuse.close()
    await rm(folder, { recursive: true })
  })

  test.each([...ends, bug])('a process that %s ends too, by a signal', async (_what, last, code) => {
    const { signal, stderr } = await runToEnd(join(folder, 'file'), last)
    expect(signal).toBe(code === 0 ? 'SIGTERM' : 'SIGKILL')
    expect(stderr.includes('Error: a bug')).toBe(last.includes('a bug'))
  })
})
