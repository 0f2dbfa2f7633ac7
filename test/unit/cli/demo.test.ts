import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runDemo } from '../../../src/cli/demo.ts'
import { systemClock } from '../../../src/clock.ts'

const main = join(import.meta.dirname, '../../../src/cli/main.ts')
const version = '1.2.3'

test('the same port twice is refused with the names of the options', async () => {
  await expect(runDemo({ port: 9798, probePort: 9798, version })).rejects.toMatchObject({
    code: 'config_invalid',
    message: '--port and --probe-port must differ (both are 9798)',
  })
})

test('a port that is taken comes with a command that takes others', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  await expect(runDemo({ port, probePort: 0, version })).rejects.toMatchObject({
    code: 'cannot_listen',
    message: expect.stringMatching(
      new RegExp(`127\\.0\\.0\\.1:${port} .*in use.*npm start -- --port 9897 --probe-port 9898`, 's'),
    ) as string,
  })
})

test.each<[what: string, signals: NodeJS.Signals[]]>([
  ['SIGTERM', ['SIGTERM']],
  ['Ctrl-C', ['SIGINT']],
  ['a closed terminal', ['SIGHUP', 'SIGHUP']],
])(
  '%s ends the demo and leaves nothing behind',
  async (_what, signals) => {
    const folder = await mkdtemp(join(tmpdir(), 'demo-test-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const env = { ...process.env, TMPDIR: folder }
    const stdio = ['ignore', 'pipe', 'inherit'] as const
    const demo = spawn(process.execPath, [main, 'demo', '--port', '0', '--probe-port', '0'], { env, stdio: [...stdio] })
    onTestFinished(() => void demo.kill('SIGKILL'))
    const ended = once(demo, 'exit')

    for await (const text of demo.stdout) if (String(text).includes('What happens')) break
    expect(await readdir(folder)).toHaveLength(1)
    for (const signal of signals) demo.kill(signal)
    expect(await ended).toEqual([0, null])
    expect(await readdir(folder)).toEqual([])
  },
  60_000,
)

test('a collector that hangs does not keep the demo from ending', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const asked = Promise.withResolvers<undefined>()
  const collector = createServer(() => asked.resolve(undefined)).listen(0, '127.0.0.1')
  onTestFinished(() => void collector.close())
  await once(collector, 'listening')
  const otlp = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
  const env = { ...process.env, TMPDIR: folder, OTEL_BSP_SCHEDULE_DELAY: '100' }
  const args = [main, 'demo', '--port', '0', '--probe-port', '0', '--otlp', otlp]
  const demo = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'ignore'] })
  onTestFinished(() => void demo.kill('SIGKILL'))
  const ended = once(demo, 'exit')
  await asked.promise
  const killedMs = systemClock.monotonicMs()
  demo.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(systemClock.monotonicMs() - killedMs).toBeLessThan(5_000)
  expect(await readdir(folder)).toEqual([])
}, 60_000)
