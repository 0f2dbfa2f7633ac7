import { describe, expect, it, test } from 'vitest'
import { SvidwatchError } from '../../../../src/errors.ts'
import { builtInResources } from '../../../../src/world/apiServer/resources.ts'
import { endpointOf, slice, startNodeFindings } from '../../../support/nodeFindingsWorld.ts'
import { mountedLine, NodeRoleServer, snapshot, stream, textOf } from '../../../support/nodeRoleServer.ts'

const begun = ['findingsListing', 'mounted a/spiffe', 'findingsListed', 'nodeContact']
const anew = ['findingsListing', 'findingsListed', 'nodeContact']

describe('each node role', () => {
  it('is followed with its own token, and is believed only about the node of its endpoint', async () => {
    const one = await NodeRoleServer.start(stream(textOf(snapshot('a'))))
    const two = await NodeRoleServer.start()
    const { until, nodeLog, sourceLog } = await startNodeFindings(endpointOf('node-1', one), endpointOf('node-2', two))
    await until(() => expect(sourceLog()).toEqual(['contact']))
    expect(nodeLog('node-1')).toEqual(begun)
    expect(nodeLog('node-2')).toEqual(anew)
    expect(one.authorizations).toEqual(['Bearer token-for-node-1'])
    expect(two.authorizations).toEqual(['Bearer token-for-node-2'])
  })

  it('is followed over IPv6', async () => {
    const role = await NodeRoleServer.start(stream(textOf(snapshot('a'))), '::1')
    const { until, nodeLog } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(begun))
  })

  it('is heard at once when something changes', async () => {
    const role = await NodeRoleServer.start()
    const { until, nodeLog } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    role.say(mountedLine('a'), { type: 'unmounted', podUid: 'a', volume: 'spiffe' })
    const changes = ['mounted a/spiffe', 'nodeContact', 'unmounted a/spiffe', 'nodeContact']
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, ...changes]))
  })

  it('is seen whenever it says anything, unless it has said that it is blind', async () => {
    const role = await NodeRoleServer.start()
    const { until, nodeLog } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    role.say({ type: 'heartbeat' })
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, 'nodeContact']))
    role.say({ type: 'blind', reason: 'unreadable', detail: '' }, { type: 'heartbeat' }, mountedLine('a'))
    const blind = ['nodeContact', 'trouble unreadable', 'mounted a/spiffe']
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, ...blind]))
  })

  it('may know things that are not known here', async () => {
    const role = await NodeRoleServer.start(stream('{"type":"weather","sun":true}\n' + textOf(snapshot('a'))))
    const { until, nodeLog, rejected } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(begun))
    expect(rejected()).toEqual([])
  })

  it('is in trouble while it says that it is blind, for the reason that it gives', async () => {
    const role = await NodeRoleServer.start()
    const { until, nodeLog, observations } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    role.say({ type: 'blind', reason: 'unreadable', detail: 'no\nfolder' })
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, 'trouble unreadable']))
    expect(observations.at(-1)).toMatchObject({ detail: 'no folder' })
    role.say({ type: 'sighted' })
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, 'trouble unreadable', 'nodeContact']))
  })

  it('does not count as seen before it says that it sees', async () => {
    const role = await NodeRoleServer.start(stream(textOf([{ type: 'snapshot' }, { type: 'synced' }])))
    const { until, nodeLog } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(['findingsListing', 'findingsListed']))
    role.say({ type: 'sighted' })
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
  })

  it('is believed once all that it knows has come, with what has changed meanwhile', async () => {
    const role = await NodeRoleServer.start(stream(textOf([{ type: 'snapshot' }])))
    const { until, nodeLog, clock } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(role.followers).toBe(1))
    role.say(mountedLine('a'), mountedLine('b'), { type: 'unmounted', podUid: 'b', volume: 'spiffe' })
    role.cut()
    await until(() => expect(nodeLog('node-1')).toEqual(['trouble unreachable']))
    await clock.advance(500)
    await until(() => expect(role.followers).toBe(1))
    role.say(mountedLine('a'), mountedLine('b'), { type: 'unmounted', podUid: 'b', volume: 'spiffe' })
    role.say({ type: 'synced' }, { type: 'sighted' })
    await until(() => expect(nodeLog('node-1')).toEqual(['trouble unreachable', ...begun]))
  })

  it('may begin anew at any time', async () => {
    const role = await NodeRoleServer.start(stream(textOf(snapshot('a', 'b'))))
    const { until, nodeLog } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
    const { length } = nodeLog('node-1')
    role.say({ type: 'snapshot' }, mountedLine('b'), ...snapshot('a'), mountedLine('c'))
    await until(() => expect(nodeLog('node-1').slice(-2)).toEqual(['mounted c/spiffe', 'nodeContact']))
    expect(nodeLog('node-1').slice(length)).toEqual([...begun, 'mounted c/spiffe', 'nodeContact'])
  })
})

describe('a node role that is gone', () => {
  it('is found again where it was killed and has been started again, without its endpoint being changed', async () => {
    const role = await NodeRoleServer.start()
    const { port } = role
    const { until, nodeLog, clock } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    role.kill()
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, 'trouble unreachable']))
    await clock.advance(500)
    await role.listen(port)
    await until(async () => {
      await clock.advance(1000)
      expect(nodeLog('node-1').at(-1)).toBe('nodeContact')
    })
    expect(nodeLog('node-1').filter((what) => what === 'findingsListing')).toHaveLength(2)
  })

  it('is taken for gone when it has been silent for 15 s, and asked again', async () => {
    const role = await NodeRoleServer.start()
    const { until, nodeLog, clock } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    await clock.advance(10_000)
    role.say(mountedLine('a'))
    const heard = [...anew, 'mounted a/spiffe', 'nodeContact']
    await until(() => expect(nodeLog('node-1')).toEqual(heard))
    await clock.advance(14_999)
    expect(nodeLog('node-1')).toEqual(heard)
    await clock.advance(1)
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('trouble timeout'))
    await clock.advance(500)
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
    expect(role.authorizations).toHaveLength(2)
  })

  it('is taken for gone although the clock of the machine was set back by hours', async () => {
    const role = await NodeRoleServer.start()
    const { until, nodeLog, clock } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    clock.setBack(2 * 3_600_000)
    await clock.advance(14_999)
    expect(nodeLog('node-1')).toEqual(anew)
    await clock.advance(1)
    await until(() => expect(nodeLog('node-1').at(-1)).toBe('trouble timeout'))
  })

  it('is asked again less and less often, and its trouble is told once', async () => {
    const role = await NodeRoleServer.start((_request, response) => response.writeHead(500).end('no'))
    const { until, nodeLog, clock } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(['trouble server_error']))
    for (const [attempts, waitMs] of [
      [1, 374],
      [2, 1],
      [2, 749],
      [3, 1],
    ] as const) {
      await clock.advance(waitMs)
      await until(() => expect(role.authorizations).toHaveLength(attempts))
      await until(() => expect(role.followers).toBe(0))
      await clock.advance(0)
    }
    expect(nodeLog('node-1')).toEqual(['trouble server_error'])
  })

  it('is followed on at once, and without any trouble, where its stream has come to its end', async () => {
    const role = await NodeRoleServer.start()
    const { until, nodeLog, clock } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    await clock.advance(10_000)
    role.endStreams()
    await until(async () => {
      await clock.advance(0)
      expect(role.authorizations).toHaveLength(2)
    })
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, ...anew]))
  })
})

describe('the endpoint of a node', () => {
  it('is followed to its new address when its pod was replaced', async () => {
    const [before, after] = [await NodeRoleServer.start(), await NodeRoleServer.start()]
    const { until, nodeLog, publish } = await startNodeFindings(endpointOf('node-1', before))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    publish(endpointOf('node-1', after))
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, ...anew]))
    await until(() => expect(before.followers).toBe(0))
    before.say(mountedLine('a'))
    expect(after.authorizations).toEqual(['Bearer token-for-node-1'])
  })

  it('is said to be gone when there is none any more', async () => {
    const role = await NodeRoleServer.start()
    const { until, nodeLog, withdraw } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    withdraw('node-1')
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, 'nodeEndpointGone']))
    await until(() => expect(role.followers).toBe(0))
  })

  it('is the ready one of two', async () => {
    const [one, two] = [await NodeRoleServer.start(), await NodeRoleServer.start()]
    const unready = slice('a', one.port, { node: 'node-1', conditions: { ready: true, serving: false } })
    const { until, nodeLog } = await startNodeFindings(unready, slice('b', two.port, { node: 'node-1' }))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    expect([one.authorizations.length, two.authorizations.length]).toEqual([0, 1])
  })

  it('is rejected by name where nobody knows which node it speaks for, once', async () => {
    const role = await NodeRoleServer.start()
    const both = (port: number) => slice('some', port, { address: '127.0.0.9' }, { node: 'node-1' })
    const { until, nodeLog, publish, rejected } = await startNodeFindings(both(role.port))
    await until(() => expect(nodeLog('node-1')).toEqual(anew))
    const other = await NodeRoleServer.start()
    publish(both(other.port))
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, ...anew]))
    expect(rejected()).toEqual([
      {
        kind: 'rejected',
        source: 'nodeFindings',
        reason: 'malformed_object',
        where: 'EndpointSlice svidwatch/some endpoint 1',
        detail: 'the endpoint has no nodeName, so its node is unknown',
      },
    ])
  })

  it('is none of ours where it belongs to another Service', async () => {
    const [ours, other] = [await NodeRoleServer.start(), await NodeRoleServer.start()]
    const foreign = endpointOf('node-2', other)
    foreign.metadata.labels = { 'kubernetes.io/service-name': 'another' }
    const { until, sourceLog, nodeLog } = await startNodeFindings(foreign, endpointOf('node-1', ours))
    await until(() => expect(sourceLog()).toEqual(['contact']))
    expect(nodeLog('node-2')).toEqual([])
    expect(other.authorizations).toEqual([])
  })
})

describe('the source', () => {
  it('is in contact at once where there is no node role', async () => {
    const { until, sourceLog } = await startNodeFindings()
    await until(() => expect(sourceLog()).toEqual(['contact']))
  })

  it('is in contact when each node role has answered, or could not be reached', async () => {
    const gone = await NodeRoleServer.start()
    const endpoint = endpointOf('node-1', gone)
    gone.kill()
    const slow = await NodeRoleServer.start(stream(''))
    const { until, sourceLog, nodeLog } = await startNodeFindings(endpoint, endpointOf('node-2', slow))
    await until(() => expect(nodeLog('node-1')).toEqual(['trouble unreachable']))
    await until(() => expect(slow.followers).toBe(1))
    expect(sourceLog()).toEqual([])
    slow.say(...snapshot())
    await until(() => expect(sourceLog()).toEqual(['contact']))
  })

  it('does not wait for a node role that leaves open for 15 s whether it sees: that is trouble', async () => {
    const role = await NodeRoleServer.start(stream('{"type":1}\n'))
    const { until, sourceLog, nodeLog, clock, rejected } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(rejected()).toHaveLength(1))
    await clock.advance(10_000)
    role.say({ type: 'snapshot' }, mountedLine('a'))
    role.write('{"type":1}\n')
    await until(() => expect(rejected()).toHaveLength(2))
    await clock.advance(4999)
    expect(sourceLog()).toEqual([])
    await clock.advance(1)
    expect(sourceLog()).toEqual(['contact'])
    expect(nodeLog('node-1').at(-1)).toBe('trouble timeout')
    role.say({ type: 'synced' }, { type: 'sighted' })
    await until(() => expect(nodeLog('node-1').slice(-2)).toEqual(['findingsListed', 'nodeContact']))
    expect(role.authorizations).toHaveLength(1)
  })

  it('is in trouble where the API does not let it see the endpoints', async () => {
    const { until, sourceLog, api, clock } = await startNodeFindings()
    await until(() => expect(sourceLog()).toEqual(['contact']))
    for (const type of builtInResources) if (type.plural === 'endpointslices') api.server.uninstall(type)
    await until(async () => {
      await clock.advance(500)
      expect(sourceLog().at(-1)).toBe('trouble not_found')
    })
  })

  it('goes on to follow while the API server is gone', async () => {
    const role = await NodeRoleServer.start()
    const { until, sourceLog, nodeLog, api } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(sourceLog()).toEqual(['contact']))
    await api.close()
    await until(() => expect(sourceLog()).toEqual(['contact', 'trouble unreachable']))
    role.say(mountedLine('a'))
    await until(() => expect(nodeLog('node-1')).toEqual([...anew, 'mounted a/spiffe', 'nodeContact']))
  })

  it('says that it cannot sign where it cannot, and nothing of a node role that it could not ask', async () => {
    const role = await NodeRoleServer.start()
    const world = await startNodeFindings()
    world.signer.tokenFor = () => Promise.reject(new SvidwatchError('signing_key', 'no key'))
    await world.until(() => expect(world.sourceLog()).toEqual(['contact']))
    world.api.store.create('endpointslices', endpointOf('node-1', role))
    await world.until(() => expect(world.nodeLog('node-1')).toEqual(['trouble configuration']))
    expect(role.authorizations).toEqual([])
  })

  it('opens 100 connections at once, and no more', async () => {
    const role = await NodeRoleServer.start(() => undefined, '0.0.0.0')
    const nodes = Array.from({ length: 150 }, (_, index) => ({ node: `node-${index}`, address: `127.0.1.${index}` }))
    const { until, sourceLog, clock } = await startNodeFindings(slice('all', role.port, ...nodes))
    await until(() => expect(role.followers).toBe(100))
    await clock.advance(4000)
    expect(role.authorizations).toHaveLength(100)
    role.answer = stream(textOf(snapshot()))
    await clock.advance(1000)
    await until(() => expect(sourceLog()).toEqual(['contact']))
  })

  test('closes every connection when it is closed, and says nothing any more', async () => {
    const role = await NodeRoleServer.start()
    const { until, sourceLog, close, observations } = await startNodeFindings(endpointOf('node-1', role))
    await until(() => expect(sourceLog()).toEqual(['contact']))
    const { length } = observations
    const closed = close()
    role.say(mountedLine('a'))
    await closed
    await until(() => expect(role.followers).toBe(0))
    expect(observations).toHaveLength(length)
  })
})
