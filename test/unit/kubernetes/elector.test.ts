import { describe, expect, test } from 'vitest'
import { KubernetesError } from '../../../src/kubernetes/kubernetesError.ts'
import type { ClientFault } from '../../support/faultyClient.ts'
import { Election, leaseName, type Candidate } from '../../support/election.ts'

async function electionOf(count: number): Promise<{ election: Election; leader: Candidate }> {
  const election = await Election.start()
  for (let joined = 0; joined < count; joined += 1) election.join()
  return { election, leader: await election.leader() }
}

const { namespace, name } = leaseName

describe('an election', () => {
  test('of three has one leader, which renews the Lease, and goes on', async () => {
    const { election, leader } = await electionOf(3)
    await election.pass(60_000)
    expect(election.leaders).toEqual([leader])
    const identity = leader.elector.holder
    expect(election.candidates.map(({ elector }) => elector.holder)).toEqual([identity, identity, identity])
    expect(election.lease).toMatchObject({
      metadata: { labels: { 'app.kubernetes.io/name': 'svidwatch' } },
      spec: { holderIdentity: identity, leaseDurationSeconds: 15, leaseTransitions: 1 },
    })
    const { renewTime = '', acquireTime = '' } = (election.lease?.spec ?? {}) as Record<string, string>
    expect([renewTime, acquireTime]).toEqual([expect.stringMatching(/\.\d{6}Z$/), expect.stringMatching(/\.\d{6}Z$/)])
    expect(Date.parse(renewTime) - Date.parse(acquireTime)).toBeGreaterThan(50_000)
    expect(election.candidates.flatMap(({ problems }) => problems)).toEqual([])
  })

  test('makes the Lease where there is none, and nobody leads before a last holder of a deleted one has noticed', async () => {
    const election = await Election.start()
    election.join()
    expect(await election.passUntil(() => election.leaders.length > 0)).toBeGreaterThanOrEqual(15_000)
  })

  test('needs no more than the rights to get and update its Lease, where it was made by somebody else', async () => {
    const rights = { namespace, apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [name] }
    const election = await Election.start({ rights: [{ ...rights, verbs: ['get', 'update'] }] })
    const metadata = { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'Helm' } }
    election.store.create('leases', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata })
    const candidate = election.join()
    await election.leader()
    await candidate.leadership?.swap(() => 'history')
    await candidate.stop()
    expect(election.lease).toMatchObject({ metadata: { labels: metadata.labels }, spec: { leaseDurationSeconds: 1 } })
    expect(candidate.problems).toEqual([])
  })
})

describe('a leader', () => {
  test.each([2, 3])('of %i that can no longer renew stops before another one begins', async (count) => {
    const { election, leader } = await electionOf(count)
    await election.pass(5_000)
    leader.kill()
    const stoppedAfterMs = await election.passUntil(() => election.leaders.length === 0)
    expect(stoppedAfterMs).toBeLessThanOrEqual(10_200)
    expect(leader.leadership?.signal).toMatchObject({
      aborted: true,
      reason: { message: 'the Lease could not be renewed within 10 s' },
    })
    expect(leader.leadership?.leftMs).toBe(0)
    const takenAfterMs = stoppedAfterMs + (await election.passUntil(() => election.leaders.length > 0))
    expect(takenAfterMs).toBeGreaterThanOrEqual(13_000)
    expect(takenAfterMs).toBeLessThan(22_000)
    expect(election.leaders).not.toContain(leader)
    expect(election.lease).toMatchObject({ spec: { leaseTransitions: 2 } })
  })

  test('counts its time from the request, not from the answer', async () => {
    const { election, leader } = await electionOf(1)
    leader.client.fault = () => {
      leader.client.fault = () => undefined
      return { slowMs: 4_000 }
    }
    const leftMs = leader.leadership?.swap(() => 'a').then(() => leader.leadership?.leftMs)
    await election.pass(5_000)
    expect(await leftMs).toBeLessThanOrEqual(6_000)
  })

  test('that stood still until its time was over has renewed nothing, whatever the answer says', async () => {
    const { election, leader } = await electionOf(1)
    const { leadership } = leader
    leader.client.fault = () => ({ whenAnswered: () => (election.clock.heldUpMs += 20_000) })
    expect(await leadership?.swap(() => 'a')).toEqual({ kind: 'lost' })
    expect(leadership?.leftMs).toBe(0)
  })

  test('that ends gives the Lease back, so that another one leads at once', async () => {
    const { election, leader } = await electionOf(3)
    const stopped = leader.stop()
    const tookMs = await election.passUntil(() => election.leaders.some((one) => one !== leader))
    await stopped
    expect(tookMs).toBeLessThan(5_000)
  })

  test('that comes back after a pause is none, and its swap changes nothing', async () => {
    const { election, leader } = await electionOf(2)
    leader.kill()
    await election.passUntil(() => election.leaders.length === 0)
    const next = await election.leader()
    leader.client.fault = () => undefined
    expect(await leader.leadership?.swap(() => 'of the old one')).toEqual({ kind: 'lost' })
    await election.pass(30_000)
    expect(election.leaders).toEqual([next])
    expect(election.text).toBeUndefined()
  })

  test.each([
    ['back', 3_600_000],
    ['ahead', -3_600_000],
  ])('is led by no wall clock: all go on while one is set %s', async (_, ms) => {
    const { election, leader } = await electionOf(3)
    election.clock.setBack(ms)
    await election.pass(60_000)
    expect(election.leaders).toEqual([leader])
    leader.kill()
    await election.passUntil(() => election.leaders.length === 0)
    election.clock.setBack(-2 * ms)
    expect(await election.leader()).not.toBe(leader)
  })

  test('whose work fails gives the Lease back and says why', async () => {
    const election = await Election.start()
    const failing = election.join({ lead: () => Promise.reject(new Error('no way')) })
    await election.passUntil(() => failing.problems.length > 0)
    expect(failing.problems).toEqual([`Lease ${namespace}/${name}: no way`])
    await election.pass(1_000)
    expect(election.lease).toMatchObject({ spec: { leaseDurationSeconds: 1 } })
    const other = election.join()
    await election.passUntil(() => other.elector.isLeader)
  })

  test('whose work does not end with the process stops all the same, and gives nothing back', async () => {
    const election = await Election.start()
    const stuck = election.join({ lead: ({ signal }) => election.clock.sleep(Infinity, signal) })
    await election.leader()
    const stopped = stuck.stop()
    await election.passUntil(() => election.leaders.length === 0)
    await stopped
    expect(election.lease).toMatchObject({ spec: { leaseDurationSeconds: 15 } })
  })
})

/** What somebody does to the Lease. */
const edits: Readonly<Record<string, (election: Election) => void>> = {
  'deletes it': (election) => election.delete(),
  'takes its holder away': (election) => election.edit(() => ({ spec: { leaseDurationSeconds: 15 } })),
  'names another candidate as its holder': (election) => {
    const [, second] = election.candidates
    const holderIdentity = second?.elector.isLeader ? 'svidwatch-0_1' : 'svidwatch-1_1'
    election.edit(({ spec }) => ({ spec: { ...(spec as object), holderIdentity } }))
  },
  'names a stranger as its holder': (election) =>
    election.edit(() => ({ spec: { holderIdentity: 'me\n\u001b[31m', leaseDurationSeconds: 1_000_000_000 } })),
  'takes its spec away': (election) => election.edit(() => ({ spec: undefined })),
  'fills its spec with nonsense': (election) =>
    election.edit(() => ({
      spec: { holderIdentity: 7, leaseDurationSeconds: 'x', leaseTransitions: -1, renewTime: {}, acquireTime: 'now' },
    })),
  'makes its spec a list': (election) => election.edit(() => ({ spec: [1, 2] })),
  'replaces it with a copy of itself': (election) => {
    const { lease } = election
    if (lease === undefined) return
    election.delete()
    election.store.create('leases', { ...lease, metadata: { ...lease.metadata, uid: undefined } })
  },
  'counts more changes of hands than fit': (election) =>
    election.edit(() => ({ spec: { holderIdentity: 'me', leaseDurationSeconds: 15, leaseTransitions: 2 ** 31 - 1 } })),
}

describe('when somebody edits the Lease', () => {
  test.each(Object.keys(edits))('and %s, the leader stops, and later one leads', async (edit) => {
    const { election, leader } = await electionOf(3)
    edits[edit]?.(election)
    const { leadership } = leader
    await election.passUntil(() => leadership?.signal.aborted === true)
    expect(String(leadership?.signal.reason)).toMatch(
      /the Lease was deleted|somebody else has taken or changed the Lease/,
    )
    await election.passUntil(() => election.leaders.length > 0, 120_000)
    await election.pass(10_000)
    expect(election.leaders).toHaveLength(1)
    expect(election.lease).toMatchObject({ spec: { leaseDurationSeconds: 15 } })
  })

  test('and changes what is not about the election, the leader goes on, and leaves the change alone', async () => {
    const { election, leader } = await electionOf(2)
    await leader.leadership?.swap(() => 'history')
    const annotations = { 'svidwatch.io/watchdog-history': 'edited', owner: 'team-a' }
    election.edit(({ metadata }) => ({ metadata: { ...metadata, labels: { team: 'a' }, annotations } }))
    await election.pass(10_000)
    expect(election.leaders).toEqual([leader])
    expect(leader.leadership?.text).toBe('edited')
    expect(election.lease?.metadata).toMatchObject({ labels: { team: 'a' }, annotations })
  })

  test('and says that its holder may be silent for ever, it is taken after a minute', async () => {
    const { election, leader } = await electionOf(1)
    leader.kill()
    await election.passUntil(() => election.leaders.length === 0)
    election.edit(() => ({ spec: { holderIdentity: 'me', leaseDurationSeconds: 1_000_000 } }))
    election.join()
    const tookMs = await election.passUntil(() => election.leaders.length > 0, 120_000)
    expect(tookMs).toBeGreaterThanOrEqual(60_000)
    expect(tookMs).toBeLessThan(66_000)
  })

  test('and deletes it, the text is written again if it may be', async () => {
    const election = await Election.start()
    const restores = (text: string) => text.startsWith('{')
    for (let joined = 0; joined < 2; joined += 1) election.join({ restores })
    const leader = await election.leader()
    for (const text of ['{"acts":1}', 'nonsense']) {
      await leader.leadership?.swap(() => text)
      await election.pass(5_000)
    }
    election.delete()
    await election.passUntil(() => election.lease !== undefined)
    expect(election.text).toBe('{"acts":1}')
  })
})

const errorOf = (code: KubernetesError['code'], status?: number): ClientFault => ({
  error: new KubernetesError(code, `no luck: ${code}`, status === undefined ? {} : { status }),
})

/** Faults of every request of every process. */
const faults: Readonly<Record<string, ClientFault>> = {
  'no answer, of requests that never arrive': 'unsent',
  'no answer, of requests that take effect': 'lost',
  'broken connections': errorOf('unreachable'),
  '401': errorOf('unauthorized', 401),
  '403': errorOf('forbidden', 403),
  'a 404 of a proxy': errorOf('not_found', 404),
  '409': errorOf('conflict', 409),
  '429': errorOf('throttled', 429),
  '500': errorOf('server_error', 500),
  'something else': { answer: { kind: 'Lease', metadata: { uid: 1, resourceVersion: null }, spec: null } },
  nothing: { answer: null },
  'a list': { answer: [] },
}

describe('while every answer is', () => {
  test.each(Object.keys(faults))(
    '%s, the leader goes on for a while, then nobody leads until it is over',
    async (fault) => {
      const { election, leader } = await electionOf(2)
      const { leadership } = leader
      const disturb = (kind: ClientFault | undefined) =>
        election.candidates.forEach(({ client }) => (client.fault = () => kind))
      disturb(faults[fault])
      await election.pass(5_000)
      expect(election.leaders).toEqual([leader])
      disturb(undefined)
      await election.pass(20_000)
      expect(leadership?.signal.aborted).toBe(false)

      disturb(faults[fault])
      await election.pass(30_000)
      expect(election.leaders).toEqual([])
      disturb(undefined)
      await election.passUntil(() => election.leaders.length > 0)
      await election.pass(10_000)
      expect(election.leaders).toHaveLength(1)
    },
  )

  test('an error, it is said once, with the name of the Lease', async () => {
    const { election, leader } = await electionOf(1)
    leader.client.fault = () => errorOf('forbidden', 403)
    await election.pass(30_000)
    expect(leader.problems).toEqual([`Lease ${namespace}/${name}: no luck: forbidden`])
    expect(leader.elector.failures).toBeGreaterThan(3)
    leader.client.fault = () => undefined
    await election.leader()
    leader.client.fault = () => errorOf('throttled', 429)
    await election.pass(5_000)
    expect(leader.problems).toHaveLength(2)
  })
})

describe('a swap', () => {
  test('changes the text, renews the Lease, and the next leader has it', async () => {
    const { election, leader } = await electionOf(2)
    expect(await leader.leadership?.swap((text) => `${text ?? ''}a`)).toEqual({ kind: 'swapped' })
    expect(await leader.leadership?.swap((text) => `${text ?? ''}b`)).toEqual({ kind: 'swapped' })
    expect([election.text, leader.leadership?.text, leader.elector.text]).toEqual(['ab', 'ab', 'ab'])
    expect(leader.leadership?.leftMs).toBe(10_000)
    await election.pass(5_000)
    expect(election.candidates.map(({ elector }) => elector.text)).toEqual(['ab', 'ab'])
    const stopped = leader.stop()
    await election.passUntil(() => election.leaders.some((one) => one !== leader))
    await stopped
    expect((await election.leader()).leadership?.text).toBe('ab')
  })

  test('that changes nothing writes nothing', async () => {
    const { election, leader } = await electionOf(1)
    const before = election.lease
    expect(await leader.leadership?.swap(() => undefined)).toEqual({ kind: 'kept' })
    expect(election.lease).toEqual(before)
  })

  test('is made again with what somebody has written in between', async () => {
    const { election, leader } = await electionOf(1)
    const annotations = { [leaseName.annotation]: 'theirs' }
    election.edit(({ metadata }) => ({ metadata: { ...metadata, annotations } }))
    const seen: (string | undefined)[] = []
    const swapped = await leader.leadership?.swap((text) => {
      seen.push(text)
      return `${text ?? 'none'} and ours`
    })
    expect(swapped).toEqual({ kind: 'swapped' })
    expect(seen).toEqual([undefined, 'theirs'])
    expect(election.text).toBe('theirs and ours')
  })

  test('of many at once loses none of them', async () => {
    const { election, leader } = await electionOf(1)
    const swap = async () => leader.leadership?.swap((text) => `${text ?? ''}x`)
    const swapped = await Promise.all(Array.from({ length: 20 }, swap))
    expect(new Set(swapped.map((one) => one?.kind))).toEqual(new Set(['swapped']))
    expect(election.text).toBe('x'.repeat(20))
  })

  test('whose answer is lost has failed, and the next one sees what it has written', async () => {
    const { election, leader } = await electionOf(1)
    leader.client.fault = (method) => (method === 'PUT' ? 'lost' : undefined)
    const lost = leader.leadership?.swap(() => 'a')
    await election.pass(1_000)
    leader.client.fault = () => undefined
    await election.pass(4_200)
    expect(await lost).toMatchObject({ kind: 'failed', error: { code: 'timeout' } })
    const next = leader.leadership?.swap((text) => `${text ?? 'none'}b`)
    await election.pass(5_200)
    expect(await next).toEqual({ kind: 'swapped' })
    expect(election.text).toBe('ab')
  })

  test('of a text that is too long has failed, in the words of the API server, and the leader goes on', async () => {
    const { election, leader } = await electionOf(1)
    const swapped = await leader.leadership?.swap(() => 'x'.repeat(300_000))
    expect(swapped).toMatchObject({ kind: 'failed' })
    expect(leader.problems).toEqual([expect.stringContaining('metadata.annotations: Too long')])
    await election.pass(20_000)
    expect(election.leaders).toEqual([leader])
  })

  test('whose change throws has failed, and the leader goes on', async () => {
    const { election, leader } = await electionOf(1)
    const thrown = new Error('no history')
    const swapped = await leader.leadership?.swap(() => {
      throw thrown
    })
    expect(swapped).toEqual({ kind: 'failed', error: thrown })
    await election.pass(20_000)
    expect(election.leaders).toEqual([leader])
  })
})
