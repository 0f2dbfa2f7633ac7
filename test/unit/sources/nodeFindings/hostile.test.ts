import type { RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import { findingsContentType, maxFindings, maxLineBytes, maxLinesAtOnce } from '../../../../src/nodeStream/contract.ts'
import type { StreamLine } from '../../../../src/nodeStream/lines.ts'
import { endpointOf, startNodeFindings } from '../../../support/nodeFindingsWorld.ts'
import { mountedLine, NodeRoleServer, snapshot, stream, textOf } from '../../../support/nodeRoleServer.ts'

const status =
  (code: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end(body)

/** Writes raw bytes instead of an HTTP answer, and leaves the connection open. */
const raw =
  (text: string): RequestListener =>
  (_request, response) => {
    response.socket?.write(text)
  }

/** Writes on until a write has failed. After that, each further write would fail at once, for ever. */
type Written = (error?: Error | null) => unknown

/** Sends this for ever, as fast as it is taken. */
const endless =
  (text: string): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': findingsContentType })
    const write: Written = (error) => error ?? (response.destroyed || response.write(text, write))
    write()
  }

const ended =
  (text: string): RequestListener =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': findingsContentType }).end(text)

const refusal = JSON.stringify({ error: { code: 'unauthorized', message: 'expired: the token has\nexpired' } })
const malformed = '{"type":"mounted","mounted":{}}\n'

describe('whatever answers instead of a node role', () => {
  it.each<[string, RequestListener, string, string]>([
    ['refuses the token', status(401, refusal), 'unauthorized', 'status 401: expired: the token has expired'],
    ['forbids it', status(403, 'no'), 'forbidden', 'status 403: no'],
    ['knows no findings', status(404, ''), 'not_found', 'status 404:'],
    ['has too many followers', status(503, '{"error":{"message":"later"}}'), 'server_error', 'status 503: later'],
    ['asks to slow down', status(429, ''), 'throttled', 'status 429:'],
    ['refuses at length', status(500, 'x'.repeat(100_000)), 'server_error', 'status 500:'],
    ['answers nothing', status(204, ''), 'protocol', 'status 204:'],
    [
      'is a web site',
      status(200, '<html>', { 'content-type': 'text/html' }),
      'protocol',
      'the answer is not application/x-ndjson',
    ],
    [
      'is a node role of a later release',
      status(200, textOf(snapshot()), { 'content-type': 'application/x-ndjson; charset=utf-8; version=2' }),
      'protocol',
      'the node role sends version 2 of the findings, and this cluster role reads version 1: upgrade the cluster role',
    ],
    ['is no HTTP server', raw('220 mail.example.org ESMTP\r\n'), 'unreachable', 'Parse Error'],
    ['sends headers without end', raw(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(10_000)}`), 'unreachable', 'Parse Error'],
    ['closes at once', (request) => request.socket.destroy(), 'unreachable', 'socket hang up'],
    ['ends its stream at once', ended(textOf(snapshot())), 'protocol', 'the stream ended immediately'],
    ['ends in the middle of a line', ended('{"type":"snap'), 'protocol', 'the stream ended in the middle of a line'],
    [
      'sends a line without end',
      endless('x'.repeat(50_000)),
      'protocol',
      `a line is longer than ${maxLineBytes} bytes`,
    ],
    ['sends a line that is too long', ended(`"${'x'.repeat(maxLineBytes)}"\n`), 'protocol', 'a line is longer than'],
    [
      'sends what is no JSON',
      endless('findings!\n'.repeat(5000)),
      'protocol',
      '100 lines of the stream were malformed',
    ],
    ['sends malformed findings', endless(malformed.repeat(1000)), 'protocol', '100 lines of the stream were malformed'],
  ])('%s: it is named, and left alone for a while', async (_, answer, reason, detail) => {
    const role = await NodeRoleServer.start(answer)
    const { until, nodeLog, observations, sourceLog } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').at(-1)).toBe(`trouble ${reason}`))
    const trouble = observations.findLast((observation) => observation.kind === 'nodeTrouble')
    expect(trouble?.detail).toContain(`http://127.0.0.1:${role.port}/api/v1/findings: ${detail}`)
    expect(trouble?.detail.length).toBeLessThanOrEqual(300)
    await until(() => expect(sourceLog()).toEqual(['contact']))
    await until(() => expect(role.followers).toBe(0))
    expect(role.authorizations).toHaveLength(1)
  })

  it('leads nowhere else', async () => {
    const other = await NodeRoleServer.start()
    const location = `http://127.0.0.1:${other.port}/api/v1/findings`
    const role = await NodeRoleServer.start(status(307, '', { location }))
    const { until, nodeLog } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(['trouble protocol']))
    expect(other.authorizations).toEqual([])
  })

  it('has 5 s to answer', async () => {
    const role = await NodeRoleServer.start(() => undefined)
    const { until, nodeLog, clock } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(role.followers).toBe(1))
    await clock.advance(4999)
    expect(nodeLog('node-1')).toEqual([])
    await clock.advance(1)
    await until(() => expect(nodeLog('node-1')).toEqual(['trouble timeout']))
  })

  it('is silent as long as it ends no line, however much it sends', async () => {
    const role = await NodeRoleServer.start(stream(textOf(snapshot()) + ' '.repeat(1000)))
    const { until, nodeLog, clock } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
    await clock.advance(15_000)
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('trouble timeout'))
  })
})

describe('a line that is none', () => {
  it('is rejected, and costs nothing else', async () => {
    const [begin, ...rest] = snapshot('a')
    const role = await NodeRoleServer.start(stream(textOf(begin ? [begin] : []) + malformed.repeat(99) + textOf(rest)))
    const { until, nodeLog, rejected } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
    expect(nodeLog('node-1')).toContain('mounted a/spiffe')
    expect(rejected()).toHaveLength(99)
    expect(rejected()[0]).toMatchObject({
      source: 'nodeFindings',
      reason: 'malformed_finding',
      where: 'the node role of node-1',
    })
  })

  it('is a finding for which no snapshot has begun', async () => {
    const role = await NodeRoleServer.start(stream(textOf([mountedLine('a'), ...snapshot('b')])))
    const { until, nodeLog, rejected } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
    expect(nodeLog('node-1')).not.toContain('mounted a/spiffe')
    expect(rejected()).toMatchObject([{ reason: 'malformed_finding', detail: 'finding before the first snapshot' }])
  })

  it.each<[string, StreamLine]>([
    ['the end of a list that did not begin', { type: 'synced' }],
    ['the end of a volume that was never there', { type: 'unmounted', podUid: 'b', volume: 'spiffe' }],
  ])('does no harm: %s', async (_, line) => {
    const role = await NodeRoleServer.start(stream(textOf([line, ...snapshot('a')])))
    const { until, nodeLog } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
    expect(nodeLog('node-1').filter((what) => what === 'findingsListed')).toHaveLength(1)
  })
})

describe('a node role that tells of more volumes than a node can have', () => {
  const pods = Array.from({ length: maxFindings + 5 }, (_, index) => `pod-${index}`)
  const count = (nodeLog: readonly string[], what: string) => nodeLog.filter((entry) => entry === what).length

  it('is believed up to there, and rejected once', async () => {
    const role = await NodeRoleServer.start(stream(textOf(snapshot(...pods))))
    const { until, nodeLog, rejected } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
    expect(nodeLog('node-1').filter((what) => what.startsWith('mounted'))).toHaveLength(maxFindings)
    expect(rejected().map(({ reason }) => reason)).toEqual(['too_many_findings'])
  })

  it('piles up nothing by snapshots that never end', async () => {
    const rounds = ['a', 'b', 'c'].map((round) => snapshot(...pods.map((name) => `${round}-${name}`)).slice(0, -2))
    const role = await NodeRoleServer.start(stream(textOf([...rounds.flat(), ...snapshot('end')])))
    const { until, nodeLog } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
    expect(nodeLog('node-1')).toEqual(['findingsListing', 'mounted end/spiffe', 'findingsListed', 'nodeContact'])
  })

  it('is heard on about those that are known, and about others where one has gone', async () => {
    const role = await NodeRoleServer.start(stream(textOf(snapshot(...pods))))
    const { until, nodeLog } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
    role.say(mountedLine('new'), mountedLine('pod-0'), { type: 'unmounted', podUid: 'pod-1', volume: 'spiffe' })
    role.say(mountedLine('newer'))
    await until(() => expect(nodeLog('node-1').slice(-2)).toEqual(['mounted newer/spiffe', 'nodeContact']))
    expect(count(nodeLog('node-1'), 'mounted pod-0/spiffe')).toBe(2)
    expect(count(nodeLog('node-1'), 'mounted new/spiffe')).toBe(0)
  })
})

describe('a node role that never stops talking', () => {
  const heartbeats = '{"type":"heartbeat"}\n'.repeat(3_000)
  const changes = textOf(['a', 'b'].map((letter) => mountedLine('pod-0', letter.repeat(64)))).repeat(100)
  const endlessly = (text: string): RequestListener => endless(textOf(snapshot('pod-0')) + text)
  /** Each byte in an HTTP chunk of its own, which costs six. */
  const bytes: RequestListener = (_request, response) => {
    stream(textOf(snapshot('pod-0')))(_request, response)
    const chunks = heartbeats.replaceAll(/[^]/g, '1\r\n$&\r\n')
    const { socket } = response
    const write: Written = (error) => error ?? (socket?.destroyed === true || socket?.write(chunks, write))
    write()
  }

  it.each<[string, RequestListener]>([
    ['heartbeats', endlessly(heartbeats)],
    ['changes', endlessly(changes)],
    ['the same sight', endlessly(textOf([{ type: 'sighted' }]).repeat(1_000))],
    ['snapshots', endlessly(textOf(snapshot('pod-0')).repeat(1_000))],
    ['single bytes', bytes],
  ])('is cut, which is counted, and left alone for a minute: %s', async (_, answer) => {
    const role = await NodeRoleServer.start(answer)
    const { until, nodeLog, rejected, clock, observations } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('trouble protocol'))
    expect(observations.findLast(({ kind }) => kind === 'nodeTrouble')).toMatchObject({
      detail: expect.stringContaining('sends more than a node role does') as string,
    })
    expect(rejected()).toMatchObject([
      { source: 'nodeFindings', reason: 'too_many_lines', where: 'the node role of node-1' },
    ])
    expect(nodeLog('node-1').length).toBeLessThan(2 * maxLinesAtOnce)
    await until(() => expect(role.followers).toBe(0))
    await clock.advance(59_000)
    expect(role.authorizations).toHaveLength(1)
    await clock.advance(2_000)
    await until(() => expect(rejected()).toHaveLength(2))
    expect(role.authorizations).toHaveLength(2)
  })

  it('may tell of as many volumes as a node can have, several times at once, and go on with some changes a second', async () => {
    const pods = Array.from({ length: maxFindings }, (_, index) => `pod-${index}`)
    const all = textOf(snapshot(...pods))
    const role = await NodeRoleServer.start(stream(all.repeat(3)))
    const { until, nodeLog, rejected, clock } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').filter((what) => what === 'nodeContact')).toHaveLength(3))
    for (let second = 0; second < 30; second += 1) {
      await clock.advance(1_000)
      const before = nodeLog('node-1').length
      role.write(changes)
      await until(() => expect(nodeLog('node-1').length).toBe(before + 400))
    }
    expect(rejected()).toEqual([])
  })

  it('may come back again and again with all that it knows', async () => {
    const pods = Array.from({ length: 250 }, (_, index) => `pod-${index}`)
    const role = await NodeRoleServer.start(stream(textOf(snapshot(...pods))))
    const { until, nodeLog, rejected, clock } = await startNodeFindings(endpointOf('node-1', role))
    for (let round = 1; round <= 60; round += 1) {
      await until(() => expect(nodeLog('node-1').filter((what) => what === 'nodeContact')).toHaveLength(round))
      await clock.advance(6_000)
      role.cut()
      await until(() => expect(nodeLog('node-1').at(-1)).toBe('trouble unreachable'))
      await clock.advance(500)
    }
    expect(rejected()).toEqual([])
  })
})
