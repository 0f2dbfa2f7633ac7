import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { Committer } from '../../../src/checkpoint/committer.ts'
import { ConfigMapStore } from '../../../src/checkpoint/configMapStore.ts'
import { MemoryKeeper } from '../../../src/checkpoint/memoryKeeper.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { KubernetesObject } from '../../../src/world/apiServer/object.ts'
import { createClientFromText, type KubernetesClient } from '../../../src/kubernetes/client.ts'
import { KubernetesError } from '../../../src/kubernetes/kubernetesError.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import { emptyMemory, serializeMemory } from '../../../src/ledger/memory.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import { startWatching, type WatchingOptions } from '../../../src/app/watching.ts'
import { fixtureText } from '../../support/fixtures.ts'
import { configMap, startTestApi, type TestApi } from '../../support/testApi.ts'
import { realFiles } from '../../support/realFiles.ts'

const hourMs = 3_600_000
/** The API server answers over real sockets, and the machine may be busy. */
const patience = { timeout: 10_000 }
/** Nobody answers there. */
const partner = { trustDomain: 'partner.example', url: 'https://127.0.0.1:1', profile: 'https_web' }
let api: TestApi
let client: KubernetesClient

/** Loaded beforehand, so that a source which does not wait for anything is seen to start at once. */
beforeAll(async () => {
  await import('../../../src/sources/certificateRequests/certificateRequests.ts')
  await import('../../../src/sources/bundleEndpoints/bundleEndpoints.ts')
})
beforeEach(async () => {
  api = await startTestApi()
  client = createClientFromText(api.server.kubeconfig, api.clock)
})
afterEach(async () => {
  client.close()
  await api.close()
})

/** What one process watches and counts; it commits at the start, once an hour, and at its end. */
function watch(options: Partial<Pick<WatchingOptions, 'sources' | 'client' | 'forgetOld'>> = {}, configMaps = client) {
  const { clock } = api
  const sources = options.sources ?? ['certificateRequests']
  const resolved = resolveConfig(JSON.stringify({ bundleEndpoints: [partner] }), 'settings')
  if ('problems' in resolved) throw new Error(resolved.problems.join('\n'))
  const ledger = new Ledger({ clock, sources, maxIssuers: 10 })
  const store = new ConfigMapStore(configMaps, 'monitoring', 'svidwatch-state')
  const problems: string[] = []
  const onProblem = (message: string) => problems.push(message)
  const keeping = { ledger, store, clock, intervalMs: hourMs, onProblem }
  const seen: Observation[] = []
  const watching = startWatching({
    config: resolved.config,
    clock,
    files: realFiles,
    sources,
    persistence: {
      committer: sources.includes('certificateRequests') ? new Committer(keeping) : undefined,
      keeper: new MemoryKeeper(keeping),
    },
    client: () => client,
    resumeFrom: (namespace) => ledger.countedUntil(namespace),
    remembered: (trustDomain) => ledger.rememberedBundle(trustDomain),
    forgetOld: () => undefined,
    report: (observation) => {
      seen.push(observation)
      ledger.report(observation)
    },
    ...options,
  })
  const sees = (source: string) => seen.some((one) => one.kind === 'contact' && one.source === source)
  const until = (check: () => boolean) => vi.waitFor(() => expect(check()).toBe(true), patience)
  return { ...watching, ledger, seen, problems, sees, until }
}

/** The API server, except that every request for a ConfigMap begins with what `before` does. */
function interposed(before: (options: { readonly signal?: AbortSignal }) => Promise<void>): KubernetesClient {
  const request: KubernetesClient['request'] = async (method, path, options = {}) => {
    await before(options)
    return client.request(method, path, options)
  }
  const { budget } = client
  return { budget, request, lines: client.lines.bind(client), close: () => undefined, describe: () => 'test' }
}

const createIssued = () =>
  api.store.create('certificaterequests', JSON.parse(fixtureText('csi/cr-issued.json')) as KubernetesObject)

/** How many requests were issued, as would be committed. */
const counted = (ledger: Ledger) =>
  (ledger.checkpoint()?.totals ?? []).reduce((all, totals) => all + totals.attestationSuccess, 0)

const sum = (totals: Iterable<object>) =>
  [...totals].reduce((all, total) => all + ('value' in total ? Number(total.value) : 0), 0)

test('what is counted after the last interval is committed at the end, and shown after a restart', async () => {
  const first = watch()
  await first.until(() => first.sees('certificateRequests'))
  createIssued()
  await first.until(() => counted(first.ledger) === 1)
  await first.close()
  const second = watch()
  await second.until(() => second.sees('certificateRequests'))
  expect(sum(second.ledger.totals('attestationSuccess'))).toBe(1)
  await second.close()
})

test('what is out of date is forgotten once a minute, as long as it runs', async () => {
  let times = 0
  const process = watch({ sources: ['pods'], forgetOld: () => (times += 1) })
  await process.until(() => process.sees('pods'))
  const after = async (ms: number) => {
    await api.clock.advance(ms)
    return times
  }
  expect([await after(59_999), await after(1), await after(60_000)]).toEqual([0, 1, 2])
  await process.close()
  const atTheEnd = times
  expect(await after(hourMs)).toBe(atTheEnd)
})

test('CertificateRequests are not watched before it is known from where on, which nothing else waits for', async () => {
  let answer: () => void = () => undefined
  const answered = new Promise<void>((resolve) => (answer = resolve))
  const process = watch(
    { sources: ['certificateRequests', 'pods'] },
    interposed(() => answered),
  )
  await process.until(() => process.sees('pods'))
  expect(process.seen.filter((one) => 'source' in one && one.source === 'certificateRequests')).toEqual([])
  answer()
  await process.until(() => process.sees('certificateRequests'))
  await process.close()
})

test('while it cannot be known, the CertificateRequests are in trouble, until it can', async () => {
  let isGone = true
  const gone = new KubernetesError('unreachable', 'connect ECONNREFUSED')
  const process = watch(
    {},
    interposed(() => (isGone ? Promise.reject(gone) : Promise.resolve())),
  )
  const troubles = () => process.seen.filter(({ kind }) => kind === 'trouble')
  await vi.waitFor(async () => {
    await api.clock.advance(1000)
    expect(troubles().length).toBeGreaterThan(1)
  }, patience)
  isGone = false
  await vi.waitFor(async () => {
    await api.clock.advance(1000)
    expect(process.sees('certificateRequests')).toBe(true)
  }, patience)
  const trouble = { source: 'certificateRequests', reason: 'unreachable' }
  expect(troubles()).toMatchObject(troubles().map(() => trouble))
  await process.close()
})

/** What an earlier process has left, which is in the store. */
const rememberedBundle = {
  trustDomain: 'partner.example',
  bootstrap: 'ab',
  refreshedMs: 1,
  sequence: '7',
  authorities: ['MIIB'],
  jwtAuthorities: [],
}
const storeMemory = () => {
  const memory = serializeMemory({ ...emptyMemory, bundles: [rememberedBundle] })
  api.store.create('configmaps', configMap('svidwatch-state', { 'memory.json': memory }, 'monitoring'))
}
const asked = (seen: readonly Observation[]) => seen.some(({ kind }) => kind === 'bundleEndpoint')

test('bundle endpoints are not asked before it is known what is remembered of them', async () => {
  storeMemory()
  let answer: () => void = () => undefined
  const answered = new Promise<void>((resolve) => (answer = resolve))
  const process = watch(
    { sources: ['bundleEndpoints'] },
    interposed(() => answered),
  )
  await api.clock.advance(2_999)
  expect(asked(process.seen)).toBe(false)
  answer()
  await process.until(() => asked(process.seen))
  expect(process.ledger.rememberedBundle('partner.example')).toEqual(rememberedBundle)
  await process.close()
})

test('bundle endpoints begin without their memory after 3 s, and it is neither lost nor too late', async () => {
  storeMemory()
  let isGone = true
  const gone = new KubernetesError('unreachable', 'connect ECONNREFUSED')
  const process = watch(
    { sources: ['bundleEndpoints'] },
    interposed(() => (isGone ? Promise.reject(gone) : Promise.resolve())),
  )
  await api.clock.advance(3_000)
  await process.until(() => asked(process.seen))
  expect(process.ledger.rememberedBundle('partner.example')).toBeUndefined()
  isGone = false
  await vi.waitFor(async () => {
    await api.clock.advance(1000)
    expect(process.ledger.rememberedBundle('partner.example')).toEqual(rememberedBundle)
  }, patience)
  await process.close()
})

test('bundle endpoints are never asked where everything stops before it is known what is remembered of them', async () => {
  const stopped = new Error('aborted')
  const process = watch(
    { sources: ['bundleEndpoints'] },
    interposed(({ signal }) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(stopped)))),
  )
  await process.close()
  expect(process.seen).toEqual([])
  expect(process.problems).toEqual([])
})

test('what is learned after the last interval is remembered at the end, beside what is counted', async () => {
  const first = watch({ sources: ['certificateRequests', 'bundleEndpoints'] })
  await first.until(() => first.sees('certificateRequests') && asked(first.seen))
  const { trustDomain, bootstrap, authorities } = rememberedBundle
  const x509Authorities = authorities.map((der) => ({ der, notBeforeMs: 0, notAfterMs: 1 }))
  const bundle = { sequence: 7n, x509Authorities, jwtAuthorities: [] }
  first.ledger.report({ kind: 'bundle', trustDomain, bootstrap, bundle })
  createIssued()
  await first.until(() => counted(first.ledger) === 1)
  await first.close()
  const second = watch({ sources: ['certificateRequests', 'bundleEndpoints'] })
  await second.until(() => second.sees('certificateRequests') && asked(second.seen))
  expect(second.ledger.rememberedBundle(trustDomain)).toMatchObject({ bootstrap, sequence: '7', authorities })
  expect(sum(second.ledger.totals('attestationSuccess'))).toBe(1)
  await second.close()
})

test('a source that cannot be made is in trouble, and the others run', async () => {
  const broken = () => {
    throw new Error('there is no cluster')
  }
  const process = watch({ sources: ['pods', 'files'], client: broken })
  await process.until(() => process.sees('files'))
  await process.until(() => process.seen.some(({ kind }) => kind === 'trouble'))
  expect(process.seen.filter(({ kind }) => kind === 'trouble')).toEqual([
    { kind: 'trouble', source: 'pods', reason: 'internal', detail: 'there is no cluster' },
  ])
  await process.close()
})

test('a fault while the totals are resumed blinds the CertificateRequests, and costs neither other sources nor what is stored', async () => {
  const first = watch()
  await first.until(() => first.sees('certificateRequests'))
  createIssued()
  await first.until(() => counted(first.ledger) === 1)
  await first.close()
  const stored = () => api.store.get('configmaps', 'monitoring', 'svidwatch-state')
  const before = stored()
  const process = watch({ sources: ['certificateRequests', 'pods'] })
  process.ledger.showCommittedOnly = () => {
    throw new Error('there is no such total')
  }
  await process.until(() => process.sees('pods'))
  await process.until(() => process.seen.some(({ kind }) => kind === 'trouble'))
  await process.close()
  const detail = expect.stringMatching(
    /^ConfigMap monitoring\/svidwatch-state, checkpoint\.json: .*there is no such total.*remove checkpoint\.json$/,
  ) as string
  expect(process.seen.filter((one) => 'source' in one && one.source === 'certificateRequests')).toEqual([
    { kind: 'trouble', source: 'certificateRequests', reason: 'internal', detail },
  ])
  expect(stored()).toEqual(before)
})

test('a fault while the memory is resumed is told, and holds up no source', async () => {
  storeMemory()
  const process = watch({ sources: ['bundleEndpoints', 'pods'] })
  process.ledger.restore = () => {
    throw new Error('there is no such bundle')
  }
  await process.until(() => process.sees('pods') && asked(process.seen))
  expect(process.problems).toEqual([
    'ConfigMap monitoring/svidwatch-state, memory.json: there is no such bundle: the stored memory is ignored',
  ])
  await process.close()
})

test('an API server that never answers holds up the end for 2 s, and what was counted and seen last is told to be lost', async () => {
  let state: 'answers' | 'silent' | 'asked' = 'answers'
  const silent = interposed(async ({ signal }) => {
    if (state === 'answers') return
    state = 'asked'
    await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
  })
  const process = watch({}, silent)
  await process.until(() => process.sees('certificateRequests'))
  createIssued()
  await process.until(() => counted(process.ledger) === 1)
  state = 'silent'
  let isClosed = false
  const closed = process.close().then(() => (isClosed = true))
  await process.until(() => state === 'asked')
  await api.clock.advance(1999)
  expect(isClosed).toBe(false)
  await api.clock.advance(1)
  await closed
  const lost = expect.stringMatching(/^ConfigMap .* cannot be written: /) as string
  expect(process.problems).toEqual([lost, lost])
})
