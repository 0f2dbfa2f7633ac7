import { expect, onTestFinished, test } from 'vitest'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { KubernetesError } from '../../../src/kubernetes/kubernetesError.ts'
import { KillSwitch } from '../../../src/watchdog/killSwitch.ts'
import { FaultyClient, type ClientFault } from '../../support/faultyClient.ts'
import { configMap, startTestApi } from '../../support/testApi.ts'

async function start(data?: Record<string, string>) {
  const api = await startTestApi()
  const real = createClientFromText(api.server.kubeconfig, api.clock)
  onTestFinished(() => {
    real.close()
    return api.close()
  })
  if (data !== undefined) api.store.create('configmaps', configMap('svidwatch-watchdog', data, 'monitoring'))
  const client = new FaultyClient(real, api.clock)
  return { api, client, killSwitch: new KillSwitch(client, 'monitoring', 'svidwatch-watchdog') }
}

const { signal } = new AbortController()
const place = 'ConfigMap monitoring/svidwatch-watchdog'

test('lets the watchdog act if it says exactly true, and only as long', async () => {
  const { api, killSwitch } = await start({ act: 'true', other: 'false' })
  expect(await killSwitch.read({ signal })).toEqual({ acts: true })
  api.store.update('configmaps', configMap('svidwatch-watchdog', { act: 'false' }, 'monitoring'))
  expect(await killSwitch.read({ signal })).toEqual({
    ...{ acts: false, reason: 'off' },
    detail: `${place}: act is "false", not "true"`,
  })
})

test.each(['True', 'TRUE', ' true', 'true\n', '"true"', 'yes', '1', '', 'x'.repeat(1000), '\u001b[31mtrue'])(
  'stops it with %j',
  async (act) => {
    const { killSwitch } = await start({ act })
    const state = await killSwitch.read({ signal })
    expect(state).toMatchObject({ acts: false, reason: 'off' })
    expect('detail' in state && state.detail).toMatch(/^[ -~…]{1,150}$/)
  },
)

test.each([
  [undefined, `${place} does not exist`],
  [{}, `${place} has no act`],
  [{ acts: 'true' }, `${place} has no act`],
])('stops it where there is no switch: %j', async (data, detail) => {
  const { killSwitch } = await start(data)
  expect(await killSwitch.read({ signal })).toEqual({ acts: false, reason: 'missing', detail })
})

test.each<[string, ClientFault]>([
  ['a missing right', { error: new KubernetesError('forbidden', 'no right', { status: 403 }) }],
  ['a 404 of a proxy', { error: new KubernetesError('not_found', 'nothing here', { status: 404 }) }],
  ['a broken connection', { error: new KubernetesError('unreachable', 'reset') }],
  ['any other error', { error: new Error('a bug') }],
  ['no answer', 'unsent'],
  ['something else', { answer: { kind: 'Secret', data: { act: 'true' } } }],
  ['a text', { answer: 'true' }],
])('stops it where the switch cannot be read: %s', async (_, fault) => {
  const { api, client, killSwitch } = await start({ act: 'true' })
  client.fault = () => fault
  const state = killSwitch.read({ signal })
  await api.clock.advance(5_000)
  expect(await state).toMatchObject({ acts: false, reason: 'unreadable' })
})

test('stops it with data that is no text', async () => {
  const { client, killSwitch } = await start()
  for (const data of [{ act: true }, ['true'], null, 'true']) {
    client.fault = () => ({ answer: { kind: 'ConfigMap', data } })
    expect(await killSwitch.read({ signal })).toMatchObject({ acts: false, reason: 'missing' })
  }
})
