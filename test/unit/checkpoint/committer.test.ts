import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LoadProblem } from '../../../src/checkpoint/loadWithRetry.ts'
import { Committer } from '../../../src/checkpoint/committer.ts'
import { ConfigMapStore } from '../../../src/checkpoint/configMapStore.ts'
import { systemClock } from '../../../src/clock.ts'
import { startApiServer, type ApiServer } from '../../../src/world/apiServer/server.ts'
import { createStore, type ObjectStore } from '../../../src/world/apiServer/store.ts'
import { createClientFromText, type KubernetesClient } from '../../../src/kubernetes/client.ts'
import { KubernetesError, type KubernetesErrorCode } from '../../../src/kubernetes/kubernetesError.ts'
import { parseCheckpoint, shortUid } from '../../../src/ledger/issuance/checkpoint.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import { totalsShape, type TotalName } from '../../../src/ledger/issuance/view.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { change, request, requestList } from '../../support/observations.ts'
import { eventually } from '../../support/eventually.ts'

const signal = new AbortController().signal
let store: ObjectStore
let server: ApiServer
let client: KubernetesClient

beforeEach(async () => {
  store = createStore(systemClock)
  server = await startApiServer({ clock: systemClock, store })
  client = createClientFromText(server.kubeconfig, systemClock)
})
afterEach(async () => {
  client.close()
  await server.close()
})

/** One process that has not resumed yet: its ledger and committer. */
function unresumed(api = client) {
  const problems: string[] = []
  const clock = new ManualClock()
  const ledger = new Ledger({ clock, sources: ['certificateRequests'], maxIssuers: 10 })
  const configMaps = new ConfigMapStore(api, 'monitoring', 'svidwatch-state')
  const onProblem = (message: string) => problems.push(message)
  const committer = new Committer({ ledger, store: configMaps, clock, intervalMs: 1000, onProblem })
  const succeeded = () =>
    [...ledger.totals('attestationSuccess')].reduce((all, total) => all + ('value' in total ? total.value : 0), 0)
  return { ledger, committer, clock, problems, succeeded }
}

/** One process, resumed from what is stored, and what it waited for until it was. */
async function svidwatch(api = client) {
  const process = unresumed(api)
  const { committer, clock } = process
  const waits: LoadProblem[] = []
  let resumed = false
  void committer.resume(signal, (waiting) => waits.push(waiting)).then(() => (resumed = true))
  await eventually(async () => {
    await clock.advance(30_000)
    expect(resumed).toBe(true)
  })
  return { ...process, waits }
}

/** The API server, except that requests for ConfigMaps fail with what `failure` says. */
function failing(failure: (method: string) => KubernetesErrorCode | undefined): KubernetesClient {
  const request: KubernetesClient['request'] = (method, path, options) => {
    const code = failure(method)
    if (code !== undefined) return Promise.reject(new KubernetesError(code, `${method} ${path}`))
    return client.request(method, path, options)
  }
  return { ...client, request, lines: client.lines.bind(client), close: () => undefined, describe: () => 'test' }
}

const stored = () => store.get('configmaps', 'monitoring', 'svidwatch-state')
const storedPart = () => (stored()?.data as Record<string, string> | undefined)?.['checkpoint.json'] ?? ''
const setStored = (text: string, version?: string) => {
  const metadata = { name: 'svidwatch-state', namespace: 'monitoring' }
  const data = { 'checkpoint.json': text, ...(version !== undefined && { version }) }
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
  if (stored() === undefined) store.create('configmaps', configMap)
  else store.update('configmaps', configMap)
}

describe('totals', () => {
  it('are shown once they are committed, and by the next process before it knows anything else', async () => {
    const first = await svidwatch()
    ;[...requestList('9'), change('added', request({ resourceVersion: '10' }))].forEach(first.ledger.report)
    expect(first.succeeded()).toBe(0)
    await first.committer.commit(signal)
    expect(first.succeeded()).toBe(1)
    expect((await svidwatch()).succeeded()).toBe(1)
  })

  it('are not there before it is known what they go on from: a zero would be a reset, and count everything twice', async () => {
    const { ledger, committer } = unresumed()
    const shown = () => (Object.keys(totalsShape) as TotalName[]).filter((name) => [...ledger.totals(name)].length > 0)
    expect(shown()).toEqual([])
    await committer.resume(signal, () => undefined)
    expect(shown()).toEqual(Object.keys(totalsShape))
  })

  it('are not written again while nothing is new, except so that the position stays young', async () => {
    const { ledger, committer, clock } = await svidwatch()
    requestList('9').forEach(ledger.report)
    const versions: unknown[] = []
    for (const ms of [0, 59_999, 1]) {
      await clock.advance(ms)
      await committer.commit(signal)
      versions.push(stored()?.metadata.resourceVersion)
    }
    expect(versions[1]).toBe(versions[0])
    ledger.report({ kind: 'progress', source: 'certificateRequests', resourceVersion: '20' })
    await clock.advance(60_000)
    await committer.commit(signal)
    expect(JSON.stringify(stored()?.data)).toContain('\\"resourceVersion\\":\\"20\\"')
  })

  it('keep their position young where the clock of the machine is set back', async () => {
    const { ledger, committer, clock } = await svidwatch()
    requestList('9').forEach(ledger.report)
    await committer.commit(signal)
    const version = stored()?.metadata.resourceVersion
    clock.setBack(3_600_000)
    ledger.report({ kind: 'progress', source: 'certificateRequests', resourceVersion: '20' })
    await clock.advance(59_999)
    await committer.commit(signal)
    expect(stored()?.metadata.resourceVersion).toBe(version)
    await clock.advance(1)
    await committer.commit(signal)
    expect(parseCheckpoint(storedPart())).toMatchObject({
      checkpoint: { positions: [{ resourceVersion: '20' }] },
    })
  })

  it('of a process that is behind another one are kept back until it has caught up', async () => {
    const [old, young] = [await svidwatch(), await svidwatch()]
    ;[...requestList('9'), change('added', request({ resourceVersion: '10' }))].forEach(old.ledger.report)
    ;[
      ...requestList('9'),
      change('added', request({ resourceVersion: '10' })),
      change('added', request({ uid: 'b', resourceVersion: '11' })),
    ].forEach(young.ledger.report)
    await young.committer.commit(signal)
    await old.committer.commit(signal)
    expect([old.succeeded(), young.succeeded(), (await svidwatch()).succeeded()]).toEqual([0, 2, 2])
    old.ledger.report(change('added', request({ uid: 'b', resourceVersion: '11' })))
    await old.committer.commit(signal)
    expect(old.succeeded()).toBe(2)
  })

  it('stay as they are while the API server is gone, and the failure is counted and told once', async () => {
    const { ledger, committer, problems, succeeded } = await svidwatch()
    requestList('9').forEach(ledger.report)
    await committer.commit(signal)
    ledger.report(change('added', request({ resourceVersion: '10' })))
    await server.close()
    await committer.commit(signal)
    await committer.commit(signal)
    expect(succeeded()).toBe(0)
    expect(committer.failures).toBe(2)
    expect(problems).toEqual([expect.stringContaining('ConfigMap monitoring/svidwatch-state cannot be written')])
  })

  it('are written when nothing but the open requests is new: each of them is still to be counted', async () => {
    const { ledger, committer } = await svidwatch()
    requestList('9').forEach(ledger.report)
    await committer.commit(signal)
    ledger.report(change('added', request({ state: 'pending', resourceVersion: '10' })))
    await committer.commit(signal)
    expect(parseCheckpoint(storedPart())).toMatchObject({
      checkpoint: { positions: [{ resourceVersion: '10', open: [shortUid('request-1')] }] },
    })
  })

  it.each([
    ['no JSON', 'it is not JSON'],
    ['{"resourceVersion":"x"}', 'resourceVersion'],
  ])('begin anew where what is stored is %s', async (text, problem) => {
    setStored(text)
    const { ledger, committer, problems, succeeded } = await svidwatch()
    expect(problems).toEqual([expect.stringContaining(problem)])
    ;[...requestList('9'), change('added', request({ resourceVersion: '10' }))].forEach(ledger.report)
    await committer.commit(signal)
    expect(succeeded()).toBe(1)
  })
})

describe('the state of a newer svidwatch', () => {
  const report = ({ ledger }: { readonly ledger: Ledger }, ...uids: readonly string[]) => {
    requestList('9').forEach(ledger.report)
    uids.forEach((uid, index) => ledger.report(change('added', request({ uid, resourceVersion: String(10 + index) }))))
  }

  it('is kept as it is by an older one, which begins anew and says what to do', async () => {
    setStored('{"from":"the future"}', '2')
    const older = await svidwatch()
    report(older, 'a', 'b')
    await older.committer.commit(signal)
    expect(older.succeeded()).toBe(2)
    expect(older.waits[0]).toEqual({
      reason: 'newer_state',
      detail:
        'ConfigMap monitoring/svidwatch-state cannot be read: it is the state of a newer svidwatch, with the version "2", and this one reads version "1": run the newer one, or remove what is stored there, and the totals start from zero',
    })
    expect(stored()?.data).toEqual({ version: '2', 'checkpoint.json': '{"from":"the future"}' })
  })

  it('is kept as it is by an older one that still runs beside it: its totals stand still', async () => {
    const older = await svidwatch()
    report(older, 'a')
    await older.committer.commit(signal)
    setStored('{"from":"the future"}', '2')
    report(older, 'a', 'b')
    await older.committer.commit(signal)
    expect([older.succeeded(), older.problems]).toEqual([1, [expect.stringContaining('newer svidwatch')]])
    expect(stored()?.data).toEqual({ version: '2', 'checkpoint.json': '{"from":"the future"}' })
  })

  it('makes place for that of an older one once it is removed', async () => {
    setStored('{"from":"the future"}', '2')
    const older = await svidwatch()
    report(older, 'a')
    store.delete('configmaps', 'monitoring', 'svidwatch-state')
    await older.committer.commit(signal)
    expect((await svidwatch()).succeeded()).toBe(1)
  })
})

describe('a right that is missing', () => {
  const refusing = (methods: readonly string[], times: number) => {
    let left = times
    return failing((method) => (methods.includes(method) && left-- > 0 ? 'forbidden' : undefined))
  }

  it('for a moment at the start wipes nothing', async () => {
    const first = await svidwatch()
    ;[...requestList('9'), change('added', request({ resourceVersion: '10' }))].forEach(first.ledger.report)
    await first.committer.commit(signal)
    expect((await svidwatch(refusing(['GET'], 4))).succeeded()).toBe(1)
  })

  it('to read for good lets the totals begin anew, and says so', async () => {
    const { ledger, succeeded, problems } = await svidwatch(refusing(['GET'], Infinity))
    ;[...requestList('9'), change('added', request({ resourceVersion: '10' }))].forEach(ledger.report)
    expect(succeeded()).toBe(1)
    expect(problems).toEqual([expect.stringContaining('cannot be read')])
  })

  it('to write is told, also after other trouble at the start', async () => {
    let gone = 1
    const failure = (method: string) => (gone-- > 0 ? 'unreachable' : method === 'GET' ? undefined : 'forbidden')
    const { ledger, committer, problems } = await svidwatch(failing(failure))
    requestList('9').forEach(ledger.report)
    await committer.commit(signal)
    expect(problems).toEqual([expect.stringContaining('cannot be read'), expect.stringContaining('cannot be written')])
  })

  it('to write shows what is counted where nothing was ever stored', async () => {
    const { ledger, committer, succeeded } = await svidwatch(refusing(['POST', 'PUT'], Infinity))
    ;[...requestList('9'), change('added', request({ resourceVersion: '10' }))].forEach(ledger.report)
    await committer.commit(signal)
    expect(succeeded()).toBe(1)
  })

  it('to write shows only what is stored where something is, for the next process begins there', async () => {
    const first = await svidwatch()
    ;[...requestList('9'), change('added', request({ resourceVersion: '10' }))].forEach(first.ledger.report)
    await first.committer.commit(signal)
    const { ledger, committer, succeeded } = await svidwatch(refusing(['POST', 'PUT'], Infinity))
    ledger.report(change('added', request({ uid: 'b', resourceVersion: '11' })))
    await committer.commit(signal)
    expect(succeeded()).toBe(1)
  })
})

it('a proxy that answers 404 in place of the API server, as often as it likes, wipes nothing', async () => {
  const first = await svidwatch()
  ;[...requestList('9'), change('added', request({ resourceVersion: '10' }))].forEach(first.ledger.report)
  await first.committer.commit(signal)
  let left = 10
  expect((await svidwatch(failing(() => (left-- > 0 ? 'not_found' : undefined)))).succeeded()).toBe(1)
})

describe('a problem', () => {
  it('that begins again after a success is told again', async () => {
    let isGone = false
    const { ledger, committer, problems } = await svidwatch(failing(() => (isGone ? 'unreachable' : undefined)))
    requestList('9').forEach(ledger.report)
    const told: number[] = []
    for (const [index, gone] of [false, true, true, false, true].entries()) {
      isGone = gone
      ledger.report(change('added', request({ uid: `request-${index}`, resourceVersion: `${10 + index}` })))
      await committer.commit(signal)
      told.push(problems.length)
    }
    expect(told).toEqual([0, 1, 1, 1, 2])
    expect(committer.failures).toBe(3)
  })

  it.each(['unreachable', 'timeout', 'server_error'] as const)(
    'of the API server at the start (%s) is waited for, told, and wipes nothing',
    async (code) => {
      const first = await svidwatch()
      ;[...requestList('9'), change('added', request({ resourceVersion: '10' }))].forEach(first.ledger.report)
      await first.committer.commit(signal)
      let left = 8
      const { succeeded, waits, problems, committer } = await svidwatch(failing(() => (left-- > 0 ? code : undefined)))
      expect(succeeded()).toBe(1)
      const detail = expect.stringContaining('ConfigMap monitoring/svidwatch-state cannot be read') as string
      expect(waits).toEqual(Array.from({ length: 8 }, () => ({ reason: code, detail })))
      expect([problems, committer.failures]).toEqual([[detail], 8])
    },
  )

  it.each(['resume', 'commit'] as const)('is not what an abort makes: %s', async (what) => {
    const { ledger, committer, problems } = unresumed()
    requestList('9').forEach(ledger.report)
    const end = new AbortController()
    const waits: LoadProblem[] = []
    const ended = committer[what](end.signal, (waiting) => waits.push(waiting))
    end.abort()
    await ended
    expect([problems, waits, committer.failures, stored()]).toEqual([[], [], 0, undefined])
  })
})
