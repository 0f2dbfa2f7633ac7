import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { signingKeyFile, TokenSigner, TokenVerifier } from '../../../src/nodeStream/tokens.ts'
import { tokenProblems } from '../../../src/nodeStream/tokenProblems.ts'
import { FindingsTally } from '../../../src/server/findingsTally.ts'
import { FakeFindings } from '../../support/fakeFindings.ts'
import { readFindings } from '../../support/findingsReader.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { mounted, svid } from '../../support/observations.ts'
import { startTestServers } from '../../support/testServers.ts'
import { createTokenKeys, keyFolder } from '../../support/tokenKeys.ts'
import { eventually } from '../../support/eventually.ts'
import { realFiles } from '../../support/realFiles.ts'

const keys = createTokenKeys()
const unreadable = { reason: 'unreadable', detail: 'EACCES: permission denied' } as const

const finding = (volume: string, digit = 'a') =>
  mounted({ volume, reading: { svid: svid({ fingerprint: digit.repeat(64) }) } })
const lineOf = (volume: string, digit?: string) => ({ type: 'mounted', mounted: finding(volume, digit) })

/** A node that offers `view`, and the cluster role's tokens for it. */
async function startNode(view: FakeFindings, { clock = new ManualClock(), publicPem = keys.publicPem } = {}) {
  const { write } = keyFolder()
  const publicFile = write('public.pem', publicPem)
  const tally = new FindingsTally()
  const servers = await startTestServers({
    clock,
    findings: { view, tally, verifier: new TokenVerifier(publicFile, clock, 'node-1', realFiles) },
  })
  const signer = new TokenSigner(signingKeyFile(write('key.pem', keys.privatePem), realFiles), clock)
  const get = (init: RequestInit & { token?: string } = {}) =>
    fetch(`${servers.url}/api/v1/findings`, {
      ...init,
      ...(init.token !== undefined && { headers: { authorization: `Bearer ${init.token}` } }),
    })
  return {
    ...servers,
    clock,
    tally,
    publicFile,
    write,
    get,
    token: () => signer.tokenFor('node-1'),
    tokenFor: (node: string) => signer.tokenFor(node),
    read: async () => readFindings(servers.url, await signer.tokenFor('node-1')),
  }
}

describe('who follows hears', () => {
  it('all that is known, whether the node sees, and then each change', async () => {
    const view = new FakeFindings()
    view.mount(finding('one'))
    view.mount(finding('two'))
    const { read, tally } = await startNode(view)
    const { response, lines } = await read()
    expect(response.statusCode).toBe(200)
    expect(response.headers).toMatchObject({
      'content-type': 'application/x-ndjson; version=1',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    const known = [{ type: 'snapshot' }, lineOf('one'), lineOf('two'), { type: 'synced' }, { type: 'sighted' }]
    await eventually(() => expect(lines).toEqual(known))
    expect(tally.followers).toBe(1)

    view.mount(finding('one', 'b'))
    view.unmount('pod-1', 'two')
    view.sight(unreadable)
    const changes = [lineOf('one', 'b'), { type: 'unmounted', podUid: 'pod-1', volume: 'two' }]
    await eventually(() => expect(lines).toEqual([...known, ...changes, { type: 'blind', ...unreadable }]))
  })

  it('each change at once, without a timer', async () => {
    const view = new FakeFindings()
    const { read, clock } = await startNode(view)
    const { lines } = await read()
    const startedMs = clock.now()
    for (const digit of '0123456789') {
      view.mount(finding('one', digit))
      await eventually(() => expect(lines.at(-1)).toEqual(lineOf('one', digit)))
    }
    expect(clock.now()).toBe(startedMs)
  })

  it('nothing but heartbeats until the first look has concluded', async () => {
    const view = new FakeFindings('starting')
    const { read, clock } = await startNode(view)
    const { lines } = await read()
    view.mount(finding('one'))
    await clock.advance(5_000)
    await eventually(() => expect(lines).toEqual([{ type: 'heartbeat' }]))
    view.sight(undefined)
    const known = [{ type: 'snapshot' }, lineOf('one'), { type: 'synced' }, { type: 'sighted' }]
    await eventually(() => expect(lines).toEqual([{ type: 'heartbeat' }, ...known]))
  })

  it('no snapshot of a node that has never seen its files: what it does not find may be there', async () => {
    const view = new FakeFindings('starting')
    const { read } = await startNode(view)
    const { lines } = await read()
    view.sight(unreadable)
    await eventually(() => expect(lines).toEqual([{ type: 'blind', ...unreadable }]))
    view.sight(undefined)
    const known = [{ type: 'snapshot' }, { type: 'synced' }, { type: 'sighted' }]
    await eventually(() => expect(lines).toEqual([{ type: 'blind', ...unreadable }, ...known]))
  })

  it('the last findings of a node that saw its files before', async () => {
    const view = new FakeFindings()
    view.mount(finding('one'))
    const { read } = await startNode(view)
    view.sight(unreadable)
    const { lines } = await read()
    const known = [{ type: 'snapshot' }, lineOf('one'), { type: 'synced' }, { type: 'blind', ...unreadable }]
    await eventually(() => expect(lines).toEqual(known))
  })

  it('a heartbeat after each 5 s of silence', async () => {
    const view = new FakeFindings()
    const { read, clock } = await startNode(view)
    const { lines } = await read()
    await eventually(() => expect(lines).toHaveLength(3))
    await clock.advance(4_999)
    view.mount(finding('one'))
    await eventually(() => expect(lines).toHaveLength(4))
    await clock.advance(4_999)
    expect(lines).toHaveLength(4)
    await clock.advance(1)
    await eventually(() => expect(lines.slice(4)).toEqual([{ type: 'heartbeat' }]))
  })
})

describe('a stream ends', () => {
  it('well after 10 minutes, not sooner', async () => {
    const { read, clock } = await startNode(new FakeFindings())
    const { lines, ended } = await read()
    await clock.advance(599_999)
    await eventually(() =>
      expect(lines.filter((line) => 'type' in line && line.type === 'heartbeat')).toHaveLength(119),
    )
    await clock.advance(1)
    expect(await ended).toBe('well')
  })

  it('at once when svidwatch stops', async () => {
    const view = new FakeFindings()
    const { read, close, tally } = await startNode(view)
    const { ended } = await read()
    await close()
    expect(await ended).toBe('well')
    await eventually(() => expect(tally.followers).toBe(0))
    expect(view.listeners).toBe(0)
  })

  it('when its reader is gone', async () => {
    const view = new FakeFindings()
    const { read, tally } = await startNode(view)
    const before = view.listeners
    const reader = await read()
    expect(view.listeners).toBeGreaterThan(before)
    reader.close()
    await eventually(() => expect(tally.followers).toBe(0))
    expect(view.listeners).toBe(before)
  })

  it('with its connection for whoever takes nothing for 15 s', async () => {
    const view = new FakeFindings()
    const problem = { problem: 'unreadable', detail: 'x'.repeat(1_000) } as const
    for (let i = 0; i < 20_000; i += 1) view.mount(mounted({ volume: `v${i}`, reading: problem }))
    const { url, token, clock, tally } = await startNode(view)
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    onTestFinished(() => void socket.destroy())
    socket.write(`GET /api/v1/findings HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${await token()}\r\n\r\n`)
    await once(socket, 'readable')
    const closed = once(socket, 'close')
    await clock.advance(14_999)
    expect(tally.followers).toBe(1)
    await clock.advance(1)
    await eventually(() => expect(tally.followers).toBe(0))
    let bytes = 0
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
    await closed
    expect(bytes).toBeLessThan(20_000_000)
  })
})

describe('there is room for', () => {
  it('4 followers with tokens of one key, and again for one when one has gone', async () => {
    const { read, get, token, tally } = await startNode(new FakeFindings())
    const [first] = await Promise.all(Array.from({ length: 4 }, () => read()))
    const refused = await get({ token: await token() })
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('15')
    expect(await refused.json()).toEqual({
      error: {
        code: 'overloaded',
        message: '4 clients with a token of this key follow the findings already; try again later',
      },
    })
    first?.close()
    await eventually(() => expect(tally.followers).toBe(3))
    expect((await read()).response.statusCode).toBe(200)
  })

  it('the followers of all 16 keys beside everybody else, whatever the others take', async () => {
    const others = Array.from({ length: 15 }, () => createTokenKeys())
    const publicPem = [keys, ...others].map((pair) => pair.publicPem).join('')
    const { url, clock, write, read, get, token, tally } = await startNode(new FakeFindings(), { publicPem })
    await Promise.all(Array.from({ length: 4 }, () => read()))
    expect((await get({ token: await token() })).status).toBe(503)
    for (const [index, { privatePem }] of others.entries()) {
      const signer = new TokenSigner(signingKeyFile(write(`other-${index}.pem`, privatePem), realFiles), clock)
      const readers = Array.from({ length: 4 }, async () => readFindings(url, await signer.tokenFor('node-1')))
      for (const { response } of await Promise.all(readers)) expect(response.statusCode).toBe(200)
    }
    expect(tally.followers).toBe(64)
    expect((await fetch(`${url}/metrics`)).status).toBe(200)
  })

  it('a HEAD that takes none', async () => {
    const { get, token, tally } = await startNode(new FakeFindings())
    const response = await get({ method: 'HEAD', token: await token() })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; version=1')
    expect(tally.followers).toBe(0)
  })
})

describe('a token', () => {
  const refused = { error: { code: 'unauthorized', message: `already_used: ${tokenProblems.already_used}` } }

  it('opens one stream, and takes no place of others when it is shown again', async () => {
    const { url, get, read, token, tally } = await startNode(new FakeFindings())
    const overheard = await token()
    const reader = await readFindings(url, overheard)
    for (let replay = 0; replay < 10; replay += 1) {
      const response = await get({ token: overheard })
      expect([response.status, await response.json()]).toEqual([401, refused])
    }
    expect([tally.followers, tally.refusals.get('already_used')]).toEqual([1, 10])
    await eventually(() => expect(reader.lines).toContainEqual({ type: 'synced' }))

    reader.close()
    await eventually(() => expect(tally.followers).toBe(0))
    expect((await get({ token: overheard })).status).toBe(401)
    expect((await read()).response.statusCode).toBe(200)
  })

  it('opens no second stream with another signature of the same content', async () => {
    const pair = createTokenKeys('P-256')
    const { url, clock, get, write } = await startNode(new FakeFindings(), { publicPem: pair.publicPem })
    const token = await new TokenSigner(signingKeyFile(write('pair.pem', pair.privatePem), realFiles), clock).tokenFor(
      'node-1',
    )
    expect((await readFindings(url, token)).response.statusCode).toBe(200)
    const response = await get({ token: otherSignatureOf(token) })
    expect([response.status, await response.json()]).toEqual([401, refused])
  })

  it('is refused for as long as it is accepted otherwise', async () => {
    const { url, clock, get, token } = await startNode(new FakeFindings())
    const overheard = await token()
    await readFindings(url, overheard)
    await clock.advance(89_000)
    for (let index = 0; index < 3; index += 1) await readFindings(url, await token())
    expect(await (await get({ token: overheard })).json()).toEqual(refused)
    await clock.advance(1_000)
    expect(await (await get({ token: overheard })).text()).toContain('expired: ')
  })

  it('may be shown again by a client for which there was no place', async () => {
    const { url, get, read, token, tally } = await startNode(new FakeFindings())
    const [first] = await Promise.all(Array.from({ length: 4 }, () => read()))
    const patient = await token()
    expect((await get({ token: patient })).status).toBe(503)
    first?.close()
    await eventually(() => expect(tally.followers).toBe(3))
    expect((await readFindings(url, patient)).response.statusCode).toBe(200)
  })
})

/** The order of the curve P-256 (SEC 2, section 2.4.2). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** Returns the token with the other valid ECDSA signature: (r, n - s) beside (r, s). */
function otherSignatureOf(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  return [header, payload, other.toString('base64url')].join('.')
}

describe('whoever shows no good token', () => {
  it('is told why, and is counted', async () => {
    const { get, tokenFor, tally } = await startNode(new FakeFindings())
    const missing = await get()
    expect(missing.status).toBe(401)
    expect(missing.headers.get('www-authenticate')).toBe('Bearer')
    expect(await missing.json()).toEqual({
      error: { code: 'unauthorized', message: 'missing: no bearer token in the Authorization header' },
    })
    const wrong = await get({ token: await tokenFor('node-2') })
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    expect(await wrong.json()).toEqual({
      error: { code: 'unauthorized', message: 'wrong_audience: the token is meant for another node' },
    })
    const none = Object.fromEntries(Object.keys(tokenProblems).map((problem) => [problem, 0]))
    expect(Object.fromEntries(tally.refusals)).toEqual({ ...none, missing: 1, wrong_audience: 1 })
  })

  it('learns nothing of a key file that is wrong, but the log does, once', async () => {
    const { get, token, publicFile, write, logged, read } = await startNode(new FakeFindings(), {
      publicPem: keys.privatePem,
    })
    const message = `nodeFindings.publicKeys: ${publicFile}: it holds a private key: replace it with the public half; no client can follow the findings of this node until then`
    expect(logged).toMatchObject([{ level: 'warn', event: 'keys_unreadable', message }])
    for (let i = 0; i < 3; i += 1) expect(await (await get({ token: await token() })).text()).not.toContain(publicFile)
    expect(logged).toHaveLength(1)
    write('public.pem', keys.publicPem)
    expect((await read()).response.statusCode).toBe(200)
  })
})

it('nobody may follow where nothing is offered', async () => {
  const { url } = await startTestServers()
  expect((await fetch(`${url}/api/v1/findings`)).status).toBe(404)
})
