import { expect, it } from 'vitest'
import type { Ledger } from '../../../../../src/ledger/ledger.ts'
import { parseMemory, serializeMemory } from '../../../../../src/ledger/memory.ts'
import type { MountedObservation, SvidVolume } from '../../../../../src/ledger/workloads/observations.ts'
import type { ManualClock } from '../../../../support/manualClock.ts'
import { memoryOf, surveyOf } from '../../../../support/ledgerReading.ts'
import {
  change,
  epochMs,
  mounted,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
  svid,
  type PodOverrides,
} from '../../../../support/observations.ts'
import { minute, watch } from '../../../../support/watchedLedger.ts'

const second = 1_000
const driver = 'spiffe.csi.cert-manager.io'

/** When the container of pod-1 started, some seconds after its SVID was issued. */
const startMs = epochMs + 10 * second

/** The SVID of pod-1, issued so many minutes after the epoch, for an hour. */
const svidAt = (minutes: number) => svid({}, -minutes)
const running = (overrides: PodOverrides = {}) => pod({ mountedSinceMs: [startMs], ...overrides })
const requestAt = (minutes: number, overrides: Parameters<typeof request>[0] = {}) =>
  request({
    uid: `request-${minutes}`,
    createdMs: epochMs + minutes * minute,
    concludedMs: epochMs + minutes * minute,
    svid: svidAt(minutes),
    ...overrides,
  })

/** Returns a ledger that has seen the pod, its request and its files. */
function begun(onNode: Partial<MountedObservation> = {}, onCluster: PodOverrides = {}) {
  const found = mounted({ reading: { svid: svidAt(0) }, mountBirthMs: epochMs + 9 * second, ...onNode })
  return watch(...podList(running(onCluster)), ...requestList('9', requestAt(0)), ...nodeTells('node-1', found))
}

const find = (ledger: Ledger, finding: Partial<MountedObservation>) => {
  ledger.report({ kind: 'mounted', mounted: mounted(finding), node: 'node-1' })
}
const lose = (ledger: Ledger, problem: 'unmounted' | 'empty_volume') => {
  find(ledger, { reading: { problem, detail: 'nothing is here' }, mountBirthMs: 0 })
  ledger.report({ kind: 'contact', source: 'pods' })
}

/** Lets time pass until so long after the epoch, when everything was just seen. */
async function pass(ledger: Ledger, clock: ManualClock, ms: number): Promise<void> {
  await clock.advance(epochMs + ms - clock.now())
  ledger.report({ kind: 'nodeContact', node: 'node-1' })
}

const causes = (ledger: Ledger) => surveyOf(ledger).drifts.map(({ cause }) => cause)
const factsOf = (ledger: Ledger) => [...ledger.facts()][0]

it.each([
  ['before the container started', -1 * second, []],
  ['in the second in which the container started, whose start Kubernetes cuts to whole seconds', 999, []],
  ['two seconds later', 2 * second, []],
  ['more than two seconds later', 2 * second + 1, ['mount_detached']],
])('a mount that was born %s', (_, laterMs, expected) => {
  const { ledger } = begun({ mountBirthMs: startMs + laterMs })
  expect(causes(ledger)).toEqual(expected)
})

it.each<[string, Partial<MountedObservation>, PodOverrides]>([
  ['the birth of the mount is unknown', { mountBirthMs: 0 }, {}],
  ['no running container mounts the volume', { mountBirthMs: startMs + minute }, { mountedSinceMs: [undefined] }],
  ['nothing is known of the containers', { mountBirthMs: startMs + minute }, { mountedSinceMs: [] }],
])('a mount is not detached while %s', (_, onNode, onCluster) => {
  expect(causes(begun(onNode, onCluster).ledger)).toEqual([])
})

it('a detached mount is known since its birth, with the start of the container that has another one', () => {
  const mountBirthMs = startMs + 5 * minute
  expect(factsOf(begun({ mountBirthMs }).ledger)?.drifts).toEqual([
    { cause: 'mount_detached', sinceMs: mountBirthMs, mountBirthMs, containerStartMs: startMs },
  ])
})

it('each volume is judged by the containers that mount it', () => {
  const volumes = ['spiffe', 'other']
  const { ledger } = begun({ mountBirthMs: startMs + minute }, { volumes, mountedSinceMs: [undefined, startMs] })
  expect(causes(ledger)).toEqual([])
  find(ledger, { volume: 'other', mountBirthMs: startMs + minute })
  expect(surveyOf(ledger).drifts).toMatchObject([{ labels: { volume: 'other' }, cause: 'mount_detached' }])
})

it('a container that restarts has the mount that is on the host', () => {
  const { ledger } = begun({ mountBirthMs: startMs + 5 * minute })
  ledger.report({ kind: 'pod', pod: running({ mountedSinceMs: [startMs + 6 * minute] }) })
  expect(causes(ledger)).toEqual([])
})

it('a driver that restarts while nothing is issued leaves containers an earlier mount, and what it had is known', async () => {
  const { ledger, clock } = begun()
  await pass(ledger, clock, 45 * minute)
  lose(ledger, 'unmounted')
  expect([causes(ledger), factsOf(ledger)?.held]).toEqual([['mount_gone'], undefined])
  await pass(ledger, clock, 50 * minute)
  ledger.report(change('added', requestAt(50)))
  find(ledger, { reading: { svid: svidAt(50) }, mountBirthMs: epochMs + 50 * minute })
  await pass(ledger, clock, 61 * minute)
  expect(causes(ledger)).toEqual(['mount_detached'])
  expect(factsOf(ledger)).toMatchObject({
    mounted: { svid: svidAt(50) },
    held: { svid: svidAt(0), knownMs: epochMs + 61 * minute, labels: { copy: 'mounted', pod: 'web-1' } },
  })
  expect(surveyOf(ledger).workloads.find(({ state }) => state === 'expired')).toMatchObject({ count: 1 })
})

it('what containers have is what was in the mount that was there when they started, however often it was replaced since', async () => {
  const { ledger, clock } = begun()
  for (const minutes of [10, 20]) {
    await pass(ledger, clock, minutes * minute)
    find(ledger, { reading: { svid: svidAt(minutes) }, mountBirthMs: epochMs + minutes * minute })
  }
  expect(factsOf(ledger)?.held?.svid).toEqual(svidAt(0))
  ledger.report({ kind: 'pod', pod: running({ mountedSinceMs: [epochMs + 15 * minute] }) })
  // The mount of the restarted container was replaced, too, but what was in it is not kept.
  expect([causes(ledger), factsOf(ledger)?.held]).toEqual([['mount_detached'], undefined])
})

it('a detached mount that is gone from the host, too, is still detached', async () => {
  const { ledger, clock } = begun({ mountBirthMs: startMs + 5 * minute })
  await pass(ledger, clock, 10 * minute)
  lose(ledger, 'unmounted')
  expect(causes(ledger)).toEqual(['mount_detached', 'mount_gone'])
})

it('a mount that is detached is not also named for what it lacks', async () => {
  const { ledger, clock } = begun({ mountBirthMs: startMs + 5 * minute })
  await pass(ledger, clock, 40 * minute)
  ledger.report(change('added', requestAt(40)))
  await pass(ledger, clock, 41 * minute)
  expect(factsOf(ledger)?.staleSinceMs).toBe(epochMs + 40 * minute)
  expect(causes(ledger)).toEqual(['mount_detached'])
})

it.each([
  ['unmounted', 'mount_gone'],
  ['empty_volume', 'empty_volume'],
] as const)('a volume of a running pod that is %s is a drift until it has files again', async (problem, cause) => {
  const { ledger, clock } = begun()
  await pass(ledger, clock, 5 * minute)
  lose(ledger, problem)
  expect(causes(ledger)).toEqual([cause])
  expect(factsOf(ledger)?.drifts).toMatchObject([{ cause, sinceMs: epochMs + 5 * minute }])
  find(ledger, { reading: { svid: svidAt(0) }, mountBirthMs: epochMs + 9 * second })
  expect(causes(ledger)).toEqual([])
})

it('a volume without a mount, of a pod that may have ended out of sight, is lost only once the pod is seen to run', async () => {
  const { ledger, clock } = begun()
  await pass(ledger, clock, 5 * minute)
  ledger.report({ kind: 'trouble', source: 'pods', reason: 'unreachable', detail: '' })
  find(ledger, { reading: { problem: 'unmounted', detail: '' }, mountBirthMs: 0 })
  await pass(ledger, clock, 45 * minute)
  expect(causes(ledger)).toEqual([])
  expect(factsOf(ledger)?.mounted?.knownMs).toBe(epochMs + 5 * minute)
  ledger.report({ kind: 'contact', source: 'pods' })
  expect(causes(ledger)).toEqual(['mount_gone'])
})

it('containers keep what was mounted when their volume is gone from the host', async () => {
  const { ledger, clock } = begun()
  lose(ledger, 'unmounted')
  await pass(ledger, clock, 30 * minute)
  expect(factsOf(ledger)?.mounted?.knownMs).toBe(epochMs + 30 * minute)
})

it.each<[string, PodOverrides]>([
  ['that waits for its volumes', { mountedSinceMs: [undefined] }],
  ['that is being deleted', { deadlineMs: epochMs + minute }],
])('a volume without a mount, of a pod %s, is not lost', (_, onCluster) => {
  const { ledger } = begun({ reading: { problem: 'unmounted', detail: '' } }, onCluster)
  expect([causes(ledger), factsOf(ledger)?.problem]).toEqual([[], 'unmounted'])
})

it('a volume without a mount from which no SVID was read is lost once the node role has seen it so for a while beside a container', async () => {
  const { ledger, clock } = begun({ reading: { problem: 'unmounted', detail: '' }, mountBirthMs: 0 })
  // The mount of a container that has just started may not be told yet.
  await pass(ledger, clock, 11 * second)
  expect(causes(ledger)).toEqual([])
  await clock.advance(minute)
  expect(causes(ledger)).toEqual([])
  await pass(ledger, clock, 2 * minute)
  expect(surveyOf(ledger).drifts).toMatchObject([{ labels: { pod: 'web-1', volume: 'spiffe' }, cause: 'mount_gone' }])
})

it('a container with a sub path will keep its file from its start, and drifts once a newer SVID is mounted', async () => {
  const volumes: SvidVolume[] = [{ name: 'spiffe', driver, bySubPath: true }]
  const { ledger, clock } = begun({}, { volumes })
  const drift = { cause: 'sub_path', sinceMs: startMs, containerStartMs: startMs }
  expect([causes(ledger), factsOf(ledger)?.drifts]).toEqual([[], [{ ...drift, isToCome: true }]])
  await pass(ledger, clock, 40 * minute)
  find(ledger, { reading: { svid: svidAt(40) }, mountBirthMs: epochMs + 9 * second })
  expect([causes(ledger), factsOf(ledger)?.drifts]).toEqual([['sub_path'], [drift]])
  ledger.report({ kind: 'pod', pod: running({ volumes, mountedSinceMs: [epochMs + 41 * minute] }) })
  expect(causes(ledger)).toEqual([])
})

const named = (spiffeId: string) => ({ svid: svid({ spiffeId, fingerprint: spiffeId }) })

it.each([
  ['that the namespace and the service account give', 'spiffe://example.org/ns/team-a/sa/web', driver, []],
  ['of another service account', 'spiffe://example.org/ns/team-a/sa/api', driver, ['wrong_identity']],
  ['of a service account with a longer name', 'spiffe://example.org/ns/team-a/sa/a-web', driver, ['wrong_identity']],
  ['of another namespace', 'spiffe://example.org/ns/team-b/sa/web', driver, ['wrong_identity']],
  ['of another path', 'spiffe://example.org/team-a/web', driver, ['wrong_identity']],
  ['of another path, from a driver with a template of its own', 'spiffe://example.org/team-a/web', 'csi.spiffe.io', []],
])('a mounted SVID with the SPIFFE ID %s', (_, spiffeId, driverName, expected) => {
  const volumes = [{ name: 'spiffe', driver: driverName }]
  const found = mounted({ reading: named(spiffeId) })
  const { ledger } = watch(...podList(running({ volumes, serviceAccount: 'web' })), ...nodeTells('node-1', found))
  expect(causes(ledger)).toEqual(expected)
})

it('two copies with different SPIFFE IDs are a drift, once the younger one has had the time to be written', async () => {
  const { ledger, clock } = begun()
  await pass(ledger, clock, 5 * minute)
  const other = svid({ spiffeId: 'spiffe://other.example/ns/team-a/sa/web', fingerprint: 'other' }, -5)
  ledger.report(change('added', requestAt(5, { svid: other })))
  await pass(ledger, clock, 5 * minute + 9 * second)
  expect(causes(ledger)).toEqual([])
  await pass(ledger, clock, 5 * minute + 10 * second)
  expect(causes(ledger)).toEqual(['wrong_identity', 'mount_stale'])
  find(ledger, { reading: { svid: other }, mountBirthMs: epochMs + 9 * second })
  expect(causes(ledger)).toEqual([])
})

/** Returns the process after `ledger`, so long after the epoch, which has the memory of `ledger` and has seen the pod. */
async function following(ledger: Ledger, atMs: number) {
  const stored = parseMemory(serializeMemory(memoryOf(ledger)))
  if ('problem' in stored) throw new Error(stored.problem)
  const next = watch()
  await next.clock.advance(atMs)
  next.ledger.restore(stored.memory)
  for (const step of podList(running())) next.ledger.report(step)
  return next
}

const full = (minutes: number) => svid({ fingerprint: String(minutes).padStart(64, '0') }, -minutes)

it('what containers have is known over a restart, whether their mount was replaced before it or after it', async () => {
  const { ledger, clock } = watch(
    ...podList(running()),
    ...requestList('9', requestAt(0, { svid: full(0) })),
    ...nodeTells('node-1', mounted({ reading: { svid: full(0) }, mountBirthMs: epochMs + 9 * second })),
  )
  const again = { reading: { svid: full(50) }, mountBirthMs: epochMs + 50 * minute }
  await pass(ledger, clock, 45 * minute)
  lose(ledger, 'unmounted')

  const during = await following(ledger, 46 * minute)
  lose(during.ledger, 'unmounted')
  expect([causes(during.ledger), factsOf(during.ledger)?.mounted?.svid.fingerprint]).toEqual([
    ['mount_gone'],
    full(0).fingerprint,
  ])
  find(during.ledger, again)
  expect(factsOf(during.ledger)?.held?.svid).toMatchObject({
    notAfterMs: full(0).notAfterMs,
    fingerprint: full(0).fingerprint,
  })

  find(ledger, again)
  const after = await following(ledger, 51 * minute)
  find(after.ledger, again)
  expect([causes(after.ledger), factsOf(after.ledger)?.held?.svid.notAfterMs]).toEqual([
    ['mount_detached'],
    full(0).notAfterMs,
  ])
})

it('a mount that was replaced out of sight tells nothing of what the containers have', async () => {
  const { ledger, clock } = begun()
  await pass(ledger, clock, 50 * minute)
  const found = mounted({ reading: { svid: svidAt(48) }, mountBirthMs: epochMs + 49 * minute })
  for (const step of nodeTells('node-1', found)) ledger.report(step)
  expect([causes(ledger), factsOf(ledger)?.held]).toEqual([['mount_detached'], undefined])
})

it.each<[string, readonly MountedObservation[]]>([
  ['is listed as not mounted', [mounted({ reading: { problem: 'unmounted', detail: '' }, mountBirthMs: 0 })]],
  ['is no longer listed', []],
])(
  'a mount that was lost out of sight may have had newer files: of a volume that %s and comes back, nothing is told of what the containers have',
  async (_, listed) => {
    const found = mounted({ reading: { svid: full(0) }, mountBirthMs: epochMs + 9 * second })
    const seen = [...requestList('9', requestAt(0, { svid: full(0) })), ...nodeTells('node-1', found)]
    const { ledger, clock } = watch(...podList(running()), ...seen)
    await pass(ledger, clock, 42 * minute)
    ledger.report(change('added', requestAt(40, { svid: full(40) })))
    for (const step of nodeTells('node-1', ...listed)) ledger.report(step)
    ledger.report({ kind: 'contact', source: 'pods' })
    const next = await following(ledger, 43 * minute)
    for (const process of [ledger, next.ledger]) {
      find(process, { reading: { svid: full(40) }, mountBirthMs: epochMs + 44 * minute })
      expect([causes(process), factsOf(process)?.held]).toEqual([['mount_detached'], undefined])
    }
  },
)

it('a mount that was lost out of sight, after a renewal there, is gone and not stale, and its renewal is not missed', async () => {
  const { ledger, clock } = begun()
  await pass(ledger, clock, 39 * minute)
  ledger.report(change('added', requestAt(40)))
  await clock.advance(2 * minute)
  const gone = mounted({ reading: { problem: 'unmounted', detail: '' }, mountBirthMs: 0 })
  for (const step of nodeTells('node-1', gone)) ledger.report(step)
  ledger.report({ kind: 'contact', source: 'pods' })
  await pass(ledger, clock, 50 * minute)
  ledger.report({ kind: 'contact', source: 'pods' })
  expect([causes(ledger), factsOf(ledger)?.mounted?.knownMs]).toEqual([['mount_gone'], epochMs + 41 * minute])

  ledger.report(change('added', requestAt(51)))
  await pass(ledger, clock, 52 * minute)
  expect(causes(ledger), 'what was issued later is in no mount').toEqual(['mount_gone', 'mount_stale'])
})

it('a mount that was seen to be gone, and came back out of sight, leaves the containers what they had', async () => {
  const { ledger, clock } = begun()
  await pass(ledger, clock, 40 * minute)
  lose(ledger, 'unmounted')
  await pass(ledger, clock, 50 * minute)
  const found = mounted({ reading: { svid: svidAt(48) }, mountBirthMs: epochMs + 49 * minute })
  for (const step of nodeTells('node-1', found)) ledger.report(step)
  expect([causes(ledger), factsOf(ledger)?.held?.svid]).toEqual([['mount_detached'], svidAt(0)])
})
