import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { FileStore } from '../../../src/checkpoint/fileStore.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { certificateRequests } from '../../../src/world/apiServer/resources.ts'
import { metricsOf, runningApp, values, type LogLine } from '../../support/runningApp.ts'
import { realFiles } from '../../support/realFiles.ts'
import { worldOnHold } from '../../support/worldOnHold.ts'

/** How long the API server may take to answer, in real time. */
const patience = { timeout: 10_000 }

const source = 'source="certificateRequests"'

/** A cluster, and svidwatch in it, which keeps its state in a file. */
async function cluster() {
  const { world, clock, until } = await worldOnHold([{}])
  const logged: LogLine[] = []
  const start = async (settings: Readonly<Record<string, unknown>> = {}) => {
    const store = new FileStore(join(world.folder, 'state.json'), realFiles)
    const app = await runningApp(
      ['cluster'],
      settings,
      { clock, client: createClientFromText(world.api.kubeconfig, clock), store },
      logged,
    )
    const json = async (path: string) => (await (await fetch(`${app.url}${path}`)).json()) as Record<string, unknown>
    return {
      close: () => app.close(),
      isReady: async () => (await fetch(`${app.probeUrl}/readyz`)).ok,
      values: async (metric: string) => values(await metricsOf(app), metric, source),
      blindTo: async () => (await json('/api/v1/problems?code=source_blind')).items as { subject: object }[],
      status: async () => {
        const { sources } = await json('/api/v1/status')
        return (sources as { source: string }[]).find((one) => one.source === 'certificateRequests')
      },
    }
  }
  return { world, clock, until, start, logged }
}
type Svidwatch = Awaited<ReturnType<Awaited<ReturnType<typeof cluster>>['start']>>

/** svidwatch tells that the cluster has no CertificateRequests, and that this is nobody's page. */
async function expectAbsent(svidwatch: Svidwatch): Promise<void> {
  expect(await svidwatch.values('svidwatch_source_absent')).toEqual([1])
  expect(await svidwatch.values('svidwatch_source_up')).toEqual([])
  expect(await svidwatch.blindTo()).toEqual([])
  expect(await svidwatch.isReady()).toBe(true)
}

const expectSeen = async (svidwatch: Svidwatch) => expect(await svidwatch.values('svidwatch_source_up')).toEqual([1])

async function expectBlind(svidwatch: Svidwatch): Promise<void> {
  expect(await svidwatch.values('svidwatch_source_absent')).toEqual([0])
  expect(await svidwatch.values('svidwatch_source_up')).toEqual([0])
  expect(await svidwatch.blindTo()).toMatchObject([{ subject: { source: 'certificateRequests' }, reason: 'not_found' }])
}

test('a cluster without cert-manager has no source that is blind, also after a restart, and cert-manager is seen when it comes', async () => {
  const { world, clock, until, start, logged } = await cluster()
  world.api.uninstall(certificateRequests)
  const first = await start()
  await until(() => expectAbsent(first))
  await first.close()
  const second = await start()
  await until(() => expectAbsent(second))
  expect(await second.status()).toMatchObject({
    concluded: true,
    up: false,
    absent: { detail: expect.stringContaining('certificaterequests.cert-manager.io is not installed') as string },
    troubles: {},
  })
  for (let minute = 0; minute < 20; minute += 1) await clock.advance(60_000)
  await expectAbsent(second)

  world.api.install(certificateRequests)
  await clock.advance(60_000)
  await vi.waitFor(() => expectSeen(second), patience)
  expect(await second.values('svidwatch_source_absent')).toEqual([0])
  expect(await second.status()).not.toHaveProperty('absent')
  const told = logged.filter(({ message }) => message.startsWith('certificateRequests: '))
  expect(told.map(({ level, event }) => `${level} ${event}`)).toEqual([
    'info source_absent',
    'info source_absent',
    'info source_contact',
  ])
})

test('a cluster whose cert-manager disappears has a source that is blind, also after a restart', async () => {
  const { world, until, start } = await cluster()
  const first = await start()
  await until(() => expectSeen(first))
  world.api.uninstall(certificateRequests)
  await until(() => expectBlind(first))
  await first.close()
  const second = await start()
  await until(() => expectBlind(second))
  world.api.install(certificateRequests)
  await until(() => expectSeen(second))
  await until(async () => expect(await second.blindTo()).toEqual([]))
})

test('a source that is switched off is not asked for, and none that is blind, also where it was seen before', async () => {
  const { world, until, start, logged } = await cluster()
  const first = await start()
  await until(() => expectSeen(first))
  await first.close()
  world.api.uninstall(certificateRequests)
  logged.length = 0
  const second = await start({ kubernetes: { sources: { certificateRequests: false } } })
  await until(async () => expect(await second.isReady()).toBe(true))
  expect(await second.values('svidwatch_source_up')).toEqual([])
  expect(await second.values('svidwatch_source_errors_total')).toEqual([])
  expect(await second.status()).toBeUndefined()
  expect(await second.blindTo()).toEqual([])
  expect(logged.filter(({ message }) => message.includes('certificateRequests'))).toEqual([])
})
