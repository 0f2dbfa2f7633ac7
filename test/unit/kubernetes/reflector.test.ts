import { expect, test, vi } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { startApiServer } from '../../../src/world/apiServer/server.ts'
import { createStore } from '../../../src/world/apiServer/store.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { credentialsFromText } from '../../../src/kubernetes/credentials.ts'
import { reflectorSuite } from '../../support/reflectorSuite.ts'
import { ReflectorWorld, type ReflectorHarness } from '../../support/reflectorWorld.ts'
import { eventually } from '../../support/eventually.ts'

const things = { group: 'test.svidwatch.io', version: 'v1', plural: 'things', kind: 'Thing' }

async function startHarness(): Promise<ReflectorHarness & { compact(): void }> {
  const store = createStore(systemClock)
  const server = await startApiServer({ clock: systemClock, store })
  const client = createClientFromText(server.kubeconfig, systemClock)
  return {
    client,
    credentials: credentialsFromText(server.kubeconfig),
    compact: () => store.compact(),
    thing: {
      apiVersion: `${things.group}/${things.version}`,
      path: `/apis/${things.group}/${things.version}/${things.plural}`,
      install() {
        server.install({ ...things, namespaced: false, statusSubresource: false, custom: true })
        return Promise.resolve()
      },
      forgottenVersion() {
        const version = String(store.revision)
        store.compact()
        return Promise.resolve(version)
      },
    },
    async close() {
      client.close()
      await server.close()
    },
  }
}

reflectorSuite('a reflector on the embedded API server', startHarness)

test('a reflector that was away while the API server forgot its history lists anew', async () => {
  const harness = await startHarness()
  const world = await ReflectorWorld.start(harness)
  await world.create('a', '1')
  const { recorder } = await world.reflectUntilContact()
  world.relay.fault = () => ({ status: 503, body: {} })
  world.relay.cut()
  await eventually(() => expect(recorder.log).toContain('trouble server_error'))
  await world.delete('a')
  harness.compact()
  world.relay.fault = () => undefined
  await vi.waitFor(() => expect(recorder.count('listed')).toBe(2), 5000)
  expect(recorder.known).toEqual([])
  expect(recorder.log).toContain('trouble expired')
  await world.close()
})
