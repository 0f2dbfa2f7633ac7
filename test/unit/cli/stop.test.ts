import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getuid, platform } from 'node:process'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { spawnProgram, temporaryFolder } from '../../support/spawnedProgram.ts'
import { startTestApi } from '../../support/testApi.ts'

const main = join(import.meta.dirname, '../../../src/cli/main.ts')

/** Runs a command as the first process of a namespace of its own, as in a container. */
const asFirstProcess = ['unshare', '--pid', '--fork', '--kill-child']

/** Returns the process that `unshare` has started. */
const onlyChildOf = async ({ pid }: ChildProcess): Promise<number> =>
  Number(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))

/** The settings of a role that has something to watch in a folder or on an API server. */
async function settingsIn(folder: string) {
  const api = await startTestApi()
  onTestFinished(() => api.close())
  await mkdir(join(folder, 'pods'))
  await writeFile(join(folder, 'kubeconfig'), api.server.kubeconfig)
  return { mountedSvids: { kubeletRoot: folder }, kubernetes: { kubeconfig: join(folder, 'kubeconfig') } }
}

describe.each<[what: string, wrapper: readonly string[]]>([
  ['a process like any other', []],
  ['the first process of a container (needs root)', asFirstProcess],
])('%s', (_what, wrapper) => {
  const isFirst = wrapper.length > 0
  const cannotRun = isFirst && (platform !== 'linux' || getuid?.() !== 0)

  test.skipIf(cannotRun).each(['cluster', 'node'] as const)(
    'in the role %s ends within 5 s of SIGTERM, with exit code 0',
    async (role) => {
      const folder = await temporaryFolder()
      const program = await spawnProgram({ role, folder, settings: await settingsIn(folder), wrapper })
      const itself = isFirst ? await onlyChildOf(program.child) : program.child.pid
      const startMs = systemClock.monotonicMs()
      process.kill(Number(itself), 'SIGTERM')
      expect(await program.ended).toEqual([0, null])
      expect(systemClock.monotonicMs() - startMs).toBeLessThan(5_000)
      const stopping = program.lines().filter(({ event }) => event === 'stopping')
      expect(stopping).toMatchObject([{ message: 'stopping on SIGTERM' }])
      expect(program.errors()).toBe('')
    },
  )
})

/** A module that says when the program begins to handle SIGTERM. */
const telling = `process.on('newListener', (name) => name === 'SIGTERM' && process.stderr.write('handled'))`

test.skipIf(platform !== 'linux' || getuid?.() !== 0)(
  'the first process of a container ends although SIGTERM comes before it has started (needs root)',
  async () => {
    const folder = await temporaryFolder()
    const config = join(folder, 'svidwatch.yaml')
    await mkdir(join(folder, 'pods'))
    const server = { port: 0, probePort: 0 }
    await writeFile(config, JSON.stringify({ server, mountedSvids: { kubeletRoot: folder }, log: { format: 'json' } }))
    const serve = [main, 'serve', '--role', 'node', '--config', config]
    const flags = ['--import', `data:text/javascript,${encodeURIComponent(telling)}`]
    const [command = '', ...args] = [...asFirstProcess, process.execPath, ...flags, ...serve]
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    let log = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text))
    await once(child.stderr, 'data')
    expect(log).toBe('')
    process.kill(await onlyChildOf(child), 'SIGTERM')
    expect(await ended).toEqual([0, null])
  },
)
