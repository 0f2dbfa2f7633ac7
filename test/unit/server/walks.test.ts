import { once } from 'node:events'
import { expect, it } from 'vitest'
import type { LedgerView } from '../../../src/ledger/view.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeLedger } from '../../support/fakeLedger.ts'
import { connectMany, connectTo, get } from '../../support/rawClient.ts'
import { startTestServers } from '../../support/testServers.ts'

/** Servers whose walks for the status take until `goOn` is called. */
async function startSlow() {
  const answering = fakeLedger()
  const state = { walks: 0, atOnce: 0, most: 0, goesOn: false }
  function* survey(...[see]: Parameters<LedgerView['survey']>): ReturnType<LedgerView['survey']> {
    state.walks += 1
    state.most = Math.max(state.most, (state.atOnce += 1))
    while (!state.goesOn) yield
    state.atOnce -= 1
    return yield* answering.survey(see)
  }
  const servers = await startTestServers({ ledger: { ...answering, survey } })
  return { ...servers, state, goOn: () => (state.goesOn = true) }
}

it('requests for the same share the next walk, and one walk runs at a time', async () => {
  const { getJson, state, goOn } = await startSlow()
  const first = getJson('/api/v1/status')
  await eventually(() => expect(state.walks).toBe(1))
  const others = Array.from({ length: 20 }, () => getJson('/api/v1/status'))
  const distinct = getJson('/api/v1/status?other')
  await getJson('/nothing')
  goOn()
  for (const { status } of await Promise.all([first, distinct, ...others])) expect(status).toBe(200)
  expect(state).toMatchObject({ walks: 3, most: 1 })
})

it.each(['GET', 'HEAD'])('64 requests wait, and the next one is told when to try again: %s', async (method) => {
  const { url, state, goOn } = await startSlow()
  const waiting = await connectMany(url, 64, `${method} /api/v1/status HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  const answers = waiting.map((socket) => once(socket, 'data'))
  await eventually(async () => {
    const refused = await fetch(`${url}/api/v1/svids`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await refused.json()).toEqual({
      error: { code: 'overloaded', message: '64 requests wait for their answers; try again later' },
    })
  })
  goOn()
  for (const [text] of await Promise.all(answers)) expect(String(text)).toMatch(/^HTTP\/1.1 200 /)
  expect(state.walks).toBeLessThanOrEqual(2)
  expect((await fetch(`${url}/api/v1/svids`)).status).toBe(200)
})

it('a walk for which nobody waits any more is not made', async () => {
  const { url, getJson, state, goOn } = await startSlow()
  const first = getJson('/api/v1/status')
  await eventually(() => expect(state.walks).toBe(1))
  const gone = await connectMany(url, 64, get('/api/v1/status?gone'))
  await eventually(async () => expect((await fetch(`${url}/api/v1/svids`)).status).toBe(503))
  for (const socket of gone) socket.destroy()
  // A request that is not refused waits behind the first walk.
  await eventually(async () => {
    const svids = await connectTo(url, get('/api/v1/svids'))
    await getJson('/nothing')
    expect(svids.bytesRead).toBe(0)
  })
  goOn()
  await first
  await getJson('/api/v1/svids')
  expect(state.walks).toBe(1)
})
