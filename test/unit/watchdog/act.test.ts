import { describe, expect, test } from 'vitest'
import { evict } from '../../../src/kubernetes/eviction.ts'
import { KubernetesError } from '../../../src/kubernetes/kubernetesError.ts'
import { parseHistory } from '../../support/actHistory.ts'
import { Election } from '../../support/election.ts'
import { createBudget, createPod } from '../../support/evictions.ts'
import type { ClientFault } from '../../support/faultyClient.ts'
import { joinWatchdog, setSwitch, type WatchdogProcess } from '../../support/watchdogProcess.ts'

/** An API server with the pod `shop/web-1`, whose StatefulSet brings it back, and the kill switch on. */
async function start() {
  const election = await Election.start()
  const { store } = election
  const { uid = '' } = createPod(store).metadata
  const deleted: (string | undefined)[] = []
  store.follow('pods', store.revision, ({ previous, current }) => {
    if (current !== undefined || previous === undefined) return
    deleted.push((JSON.parse(previous.json) as { metadata: { uid?: string } }).metadata.uid)
    createPod(store)
  })
  setSwitch(election, { act: 'true' })
  const intent = { pod: { namespace: 'shop', name: 'web-1', uid }, why: 'its mount is dead' }
  return { election, store, uid, deleted, intent, process: () => joinWatchdog(election, intent) }
}

const history = (election: Election) => parseHistory(election.text)
const podOf = ({ store }: Election) => {
  const pod = store.get('pods', 'shop', 'web-1')
  if (pod === undefined) throw new Error('there is no pod')
  return pod
}
const codes = (election: Election) => history(election).settled.map(({ code }) => code)
const events = ({ store }: Election) =>
  store.list('events', 'shop').map(({ reason, note, type }) => ({ type, reason, note }))

describe('an act', () => {
  test('is reserved, done, written down and told, in this order', async () => {
    const { election, uid, deleted, process } = await start()
    const { client } = process()
    await election.leader()
    await election.pass(1_000)
    const [, , ...requests] = client.requests.filter((request) => !/^GET .*\/leases\//.test(request))
    expect(requests.map((request) => request.replace(/ .*\//, ' '))).toEqual([
      'PUT svidwatch',
      'GET svidwatch-watchdog',
      'POST eviction',
      'PUT svidwatch',
      'POST events',
    ])
    expect(deleted).toEqual([uid])
    expect(history(election)).toMatchObject({ open: [], settled: [{ code: 'evicted', pod: { uid } }] })
    expect(events(election)).toEqual([
      { type: 'Normal', reason: 'Restarted', note: 'svidwatch has evicted the pod, because its mount is dead' },
    ])
    await election.pass(60_000)
    expect(deleted).toEqual([uid])
  })

  test('that the history does not allow is not reserved', async () => {
    const { election, deleted, intent } = await start()
    const { acted } = joinWatchdog(election, { ...intent, pod: { ...intent.pod, name: 'capped' } })
    await election.leader()
    await election.pass(1_000)
    expect(acted[0]).toEqual({ kind: 'not_reserved', reason: 'the cap is reached' })
    expect(election.text).toBeUndefined()
    expect(deleted).toEqual([])
  })

  test.each([
    ['says false', { act: 'false' }, 'act is "false", not "true"'],
    ['is missing', undefined, 'svidwatch-watchdog does not exist'],
  ])('is not done while the kill switch %s, and is done later', async (_, data, why) => {
    const { election, uid, deleted, process } = await start()
    setSwitch(election, data)
    process()
    await election.leader()
    await election.pass(3_000)
    expect(deleted).toEqual([])
    expect(new Set(codes(election))).toEqual(new Set(['switched_off']))
    expect(events(election)).toMatchObject([{ reason: 'RestartHeld', note: expect.stringContaining(why) as string }])
    setSwitch(election, { act: 'true' })
    await election.pass(2_000)
    expect(deleted).toEqual([uid])
  })

  test('is held by a budget, and done once the budget allows it', async () => {
    const { election, store, uid, deleted, process } = await start()
    const budget = createBudget(store, { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 })
    process()
    await election.leader()
    await election.pass(3_000)
    expect([deleted, new Set(codes(election))]).toEqual([[], new Set(['held'])])
    store.update('poddisruptionbudgets', { ...budget, status: { disruptionsAllowed: 1 } })
    await election.pass(2_000)
    expect([deleted, codes(election).at(-1)]).toEqual([[uid], 'evicted'])
  })

  test('is not done with a history that cannot be read, until somebody removes it', async () => {
    const { election, uid, deleted, process } = await start()
    const { acted } = process()
    await election.passUntil(() => election.lease !== undefined)
    const annotations = { 'svidwatch.io/watchdog-history': 'nonsense' }
    election.edit(({ metadata }) => ({ metadata: { ...metadata, annotations } }))
    await election.leader()
    await election.pass(3_000)
    expect([deleted, election.text]).toEqual([[], 'nonsense'])
    expect(acted[0]).toEqual({ kind: 'not_reserved', reason: 'the history cannot be read' })
    election.edit(({ metadata }) => ({ metadata: { ...metadata, annotations: {} } }))
    await election.pass(5_000)
    expect(deleted).toEqual([uid])
  })
})

/** Whether a request evicts a pod, or writes the Lease. */
const isEviction = (path: string) => path.endsWith('/eviction')
const isLeaseWrite = (method: string, path: string) => method === 'PUT' && path.includes('/leases/')

describe('an eviction of which nobody knows whether it is done', () => {
  test('lets nothing else begin, and is given up when the API server has long given it up', async () => {
    const { election, deleted, uid, process } = await start()
    const running = process()
    const { client, acted, settled } = running
    client.fault = (_, path) => (isEviction(path) ? 'unsent' : undefined)
    await election.passUntil(() => acted.length > 0)
    expect(acted).toMatchObject([{ kind: 'open', reservation: { pod: { uid } } }])
    client.fault = (_, path) => (path.includes('/pods/') ? { error: new Error('no right') } : undefined)
    await election.pass(5_000)
    expect(running.waiting).toEqual(['no right'])
    client.fault = () => undefined
    await election.pass(60_000)
    expect(running.waiting).toEqual([expect.stringContaining('it may still take effect')])
    expect(deleted).toEqual([])
    expect(history(election)).toMatchObject({ open: [{ pod: { uid } }], settled: [] })
    expect(acted.at(-1)).toEqual({ kind: 'not_reserved', reason: 'an earlier reservation is not settled' })
    await election.pass(30_000)
    expect(settled).toMatchObject([{ outcome: { code: 'not_done' }, isWritten: true }])
    expect([deleted, codes(election)]).toEqual([[uid], ['not_done', 'evicted']])
    expect(events(election)).toMatchObject([{ reason: 'RestartFailed' }, { reason: 'Restarted' }])
  })

  test('is presumed if the pod is gone, and told as such', async () => {
    const { election, deleted, uid, process } = await start()
    const { client, acted } = process()
    client.fault = (_, path) => (isEviction(path) ? 'lost' : undefined)
    await election.passUntil(() => acted.length > 0)
    expect(acted).toMatchObject([{ kind: 'settled', outcome: { code: 'presumed' } }])
    expect(deleted).toEqual([uid])
    expect(events(election)).toMatchObject([
      { reason: 'Restarted', note: expect.stringContaining('is gone') as string },
    ])
  })

  test('is presumed if the pod is being deleted, by whoever leads next', async () => {
    const { election, store, uid, process } = await start()
    store.update('pods', { ...podOf(election), spec: { terminationGracePeriodSeconds: 600 } })
    const processes: WatchdogProcess[] = []
    const join = () => {
      processes.push(process())
      return processes.at(-1) as WatchdogProcess
    }
    joinTwo(join, (leader) => {
      let isDone = false
      leader.client.fault = (_, path) => {
        if (isDone) return 'unsent'
        isDone = isEviction(path)
        return isDone ? 'lost' : undefined
      }
    })
    await election.pass(60_000)
    expect(podOf(election).metadata).toMatchObject({ uid, deletionTimestamp: expect.any(String) as string })
    expect(codes(election)).toEqual(['presumed'])
    expect(processes.flatMap(({ settled }) => settled)).toMatchObject([{ outcome: { code: 'presumed' } }])
  })
})

describe('a process that knows what became of a reservation', () => {
  test('writes it down later if it could not at once', async () => {
    const { election, store, process } = await start()
    createBudget(store, { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 })
    const { client, acted } = process()
    let isBroken = false
    client.fault = (method, path) => {
      if (isEviction(path)) isBroken = acted.length === 0
      return isBroken && isLeaseWrite(method, path) ? { error: new Error('broken') } : undefined
    }
    await election.passUntil(() => acted.length > 0)
    expect(acted).toMatchObject([{ outcome: { code: 'held' }, isWritten: false }])
    client.fault = () => undefined
    await election.pass(2_000)
    expect(codes(election)[0]).toBe('held')
  })

  test('settles one whose writing had no answer as not done, because it has done nothing', async () => {
    const { election, uid, deleted, process } = await start()
    joinTwo(process, ({ client }) => {
      client.fault = (method, path) => {
        if (!isLeaseWrite(method, path)) return undefined
        client.fault = () => undefined
        return 'lost'
      }
    })
    await election.pass(40_000)
    expect(codes(election)).toEqual(['not_done', 'evicted'])
    expect(deleted).toEqual([uid])
  })

  test('does not take the next reservation for the one that it could not write, which had the same id', async () => {
    const { election, deleted, process } = await start()
    const running = process()
    running.onReady = () => {
      let isRefused = false
      running.client.fault = (method, path) => {
        if (isEviction(path)) return 'unsent'
        if (isRefused || !isLeaseWrite(method, path)) return undefined
        isRefused = true
        return { error: new KubernetesError('server_error', 'oops', { status: 500 }) }
      }
    }
    await election.passUntil(() => running.acted.length === 2)
    expect(running.acted).toMatchObject([{ kind: 'not_reserved' }, { kind: 'open', reservation: { id: '0' } }])
    await election.pass(30_000)
    expect([deleted, history(election)]).toMatchObject([[], { open: [{ id: '0' }], settled: [] }])
  })

  test('knows nothing of one of the same id of a process that led in between', async () => {
    const { election, process } = await start()
    const [first, second] = [process(), process()]
    const isRefused = () => ({ error: new KubernetesError('server_error', 'oops', { status: 500 }) })
    first.onReady = () => (first.client.fault = isRefused)
    second.client.fault = () => 'unsent'
    await election.passUntil(() => first.acted.length > 0)
    second.client.fault = (_, path) => (isEviction(path) ? 'unsent' : undefined)
    await election.passUntil(() => second.acted.some(({ kind }) => kind === 'open'))
    second.kill()
    first.onReady = () => undefined
    first.client.fault = () => undefined
    await election.passUntil(() => first.elector.isLeader)
    await election.pass(30_000)
    expect(history(election)).toMatchObject({ open: [{ id: '0' }], settled: [] })
  })

  test('evicts nothing once its time is over, also if it stood still meanwhile', async () => {
    const { election, deleted, process } = await start()
    const { client, acted } = process()
    client.fault = (_, path) => {
      if (path.includes('/configmaps/')) return { whenAnswered: () => (election.clock.heldUpMs += 20_000) }
      return undefined
    }
    await election.passUntil(() => acted.length > 0)
    expect(acted).toMatchObject([{ kind: 'open', reason: 'the Lease was lost before the pod was evicted' }])
    expect(client.requests.filter(isEviction)).toEqual([])
    expect(deleted).toEqual([])
  })
})

/** Expects that the pod was evicted once, and the one after it never, and that nothing is left open. */
function expectOneEffect(election: Election, deleted: readonly unknown[], uid: string): void {
  expect(deleted).toEqual([uid])
  const { open, settled, count } = history(election)
  expect([open, settled.length]).toEqual([[], count])
}

/** Expects that no eviction was asked for without a reservation of its own. */
function expectNoRepeat(election: Election): void {
  const asked = election.candidates.flatMap(({ client }) => client.requests.filter((one) => one.endsWith('/eviction')))
  expect(asked.length).toBeLessThanOrEqual(history(election).count)
}

/** Lets two processes join, and calls `ready` with the one that leads first, before it begins to act. */
function joinTwo(join: () => WatchdogProcess, ready: (leader: WatchdogProcess) => void): void {
  const first: WatchdogProcess[] = []
  for (const process of [join(), join()]) {
    process.onReady = () => {
      if (first.push(process) === 1) ready(process)
    }
  }
}

/** The requests of an act: reserve, read the switch, evict, settle, tell; and the next renewal. */
const steps = [1, 2, 3, 4, 5, 6]

describe('a process that is killed', () => {
  test.each(steps.flatMap((step) => (['unsent', 'lost'] as const).map((fault) => ({ step, fault }))))(
    'at request $step of an act, which is $fault, leaves exactly one effect',
    async ({ step, fault }) => {
      const { election, uid, deleted, process } = await start()
      joinTwo(process, ({ client }) => {
        let sent = 0
        client.fault = () => {
          sent += 1
          return sent < step ? undefined : sent === step ? fault : 'unsent'
        }
      })
      await election.pass(200_000)
      expectOneEffect(election, deleted, uid)
      expectNoRepeat(election)
      expect(election.leaders).toHaveLength(1)
      expect(election.lease).toMatchObject({ spec: { leaseTransitions: 2 } })
    },
  )

  test.each([30_000, 100_000, 150_000])('and whose eviction arrives %i ms late leaves one effect', async (lateMs) => {
    const { election, uid, deleted, intent, process } = await start()
    let killed: WatchdogProcess | undefined
    joinTwo(process, (leader) => {
      leader.client.fault = (_, path) => {
        if (path.endsWith('/eviction')) killed = leader
        return killed && 'unsent'
      }
    })
    await election.passUntil(() => killed !== undefined)
    await election.pass(lateMs)
    const other = election.candidates.find((one) => one !== killed)
    if (other === undefined) throw new Error('nobody is left')
    const late = evict(other.client, intent.pod, { timeoutMs: 1_000 })
    await election.pass(200_000)
    expect(['evicted', 'replaced']).toContain((await late).code)
    expectOneEffect(election, deleted, uid)
  })
})

/** The requests that a fault is about. */
const calls: Readonly<Record<string, RegExp>> = {
  'write of the Lease': /^PUT .*\/leases\//,
  'read of the Lease': /^GET .*\/leases\//,
  'read of the switch': /^GET .*\/configmaps\//,
  eviction: /^POST .*\/eviction$/,
  'look at the pod': /^GET .*\/pods\//,
  Event: /\/events/,
  call: /./,
}

const answers: Readonly<Record<string, ClientFault>> = {
  'never arrives': 'unsent',
  'is never answered': 'lost',
  'breaks off': { error: new KubernetesError('unreachable', 'reset') },
  'is forbidden': { error: new KubernetesError('forbidden', 'no right', { status: 403 }) },
  'is a conflict': { error: new KubernetesError('conflict', 'modified', { status: 409 }) },
  'is too much': { error: new KubernetesError('throttled', 'slow down', { status: 429 }) },
  'is an error of the API server': { error: new KubernetesError('server_error', 'oops', { status: 500 }) },
  'is answered with nothing': { answer: null },
}

describe('an act during which', () => {
  const cases = Object.keys(calls).flatMap((call) => Object.keys(answers).map((answer) => ({ call, answer })))
  test.each(cases)('each $call $answer for 30 s has exactly one effect', async ({ call, answer }) => {
    const { election, uid, deleted, process } = await start()
    joinTwo(process, () => {
      for (const { client } of election.candidates) {
        client.fault = (method, path) => (calls[call]?.test(`${method} ${path}`) ? answers[answer] : undefined)
      }
    })
    await election.pass(47_000)
    for (const { client } of election.candidates) client.fault = () => undefined
    await election.pass(150_000)
    expectOneEffect(election, deleted, uid)
    expectNoRepeat(election)
  })

  test.each(steps)('somebody edits the Lease before request %i goes on', async (step) => {
    const { election, uid, deleted, process } = await start()
    joinTwo(process, ({ client }) => {
      let sent = 0
      client.fault = () => {
        sent += 1
        const labels = { edited: `${sent}` }
        if (sent === step) election.edit(({ metadata }) => ({ metadata: { ...metadata, labels } }))
        return undefined
      }
    })
    await election.pass(60_000)
    expectOneEffect(election, deleted, uid)
    expectNoRepeat(election)
    expect(election.lease).toMatchObject({ spec: { leaseTransitions: 1 } })
  })

  test.each(steps)('somebody takes the Lease before request %i has one effect', async (step) => {
    const { election, uid, deleted, process } = await start()
    joinTwo(process, ({ client }) => {
      let sent = 0
      client.fault = () => {
        sent += 1
        if (sent === step) election.edit(({ spec }) => ({ spec: { ...(spec as object), holderIdentity: 'me' } }))
        return undefined
      }
    })
    await election.pass(200_000)
    expectOneEffect(election, deleted, uid)
    expectNoRepeat(election)
  })

  test.each(steps)('somebody deletes the Lease before request %i has one effect', async (step) => {
    const { election, uid, deleted, process } = await start()
    joinTwo(process, ({ client }) => {
      let sent = 0
      client.fault = () => {
        sent += 1
        if (sent === step && election.lease !== undefined) election.delete()
        return undefined
      }
    })
    await election.pass(200_000)
    expectOneEffect(election, deleted, uid)
  })
})
