import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import { change, mounted, pod, podList, request } from '../../support/observations.ts'
import { minute, watch } from '../../support/watchedLedger.ts'
import { surveyOf } from '../../support/ledgerReading.ts'
import { pageOf } from '../../../src/server/svidPage.ts'
import { volumeHash } from '../../../src/identity/volumeHash.ts'

const count = 2_000
const uidOf = (index: number) => `pod-${index}`
const podOf = (index: number) => pod({ uid: uidOf(index), name: `web-${index}` })
const mountedIn = (index: number) => ({ kind: 'mounted', mounted: mounted({ podUid: uidOf(index) }) }) as const

const pods = Array.from({ length: count }, (_, index) => podOf(index))
const requests = pods.map(({ uid, name }) => {
  const owner = { podUid: uid, podName: name }
  return change('added', request({ uid: `of ${uid}`, owner, volumeHash: volumeHash(uid, 'spiffe') }))
})

/** Very many pods, each of which has an SVID. */
const crowded = (): Ledger =>
  watch(...podList(...pods), ...pods.map((_, index) => mountedIn(index)), ...requests).ledger

describe('what takes long where there are many workloads may be interrupted often', () => {
  it.each<[string, (ledger: Ledger) => Iterator<undefined, unknown>]>([
    ['a walk through them', (ledger) => ledger.survey()],
    ['a choice of what to remember', (ledger) => ledger.memory()],
    ['a search for a page of them', (ledger) => pageOf(ledger.workloads(), { limit: 10 })],
  ])('%s', (_, workIn) => {
    const work = workIn(crowded())
    let interruptions = 0
    while (work.next().done !== true) interruptions += 1
    expect(interruptions).toBeGreaterThanOrEqual(Math.floor(count / 512))
  })

  it('a choice of what to remember from many namespaces', async () => {
    const namespaces = Array.from({ length: 40 }, (_, index) => `team-${index}`)
    const { ledger, clock } = watch(
      ...podList(...namespaces.map((namespace, index) => ({ ...podOf(index), namespace }))),
      ...namespaces.map((namespace, index) => {
        const owner = { podUid: uidOf(index), podName: `web-${index}` }
        return change(
          'added',
          request({ uid: `of ${index}`, namespace, owner, volumeHash: volumeHash(uidOf(index), 'spiffe') }),
        )
      }),
    )
    await clock.advance(40 * minute)
    const work = ledger.memory()
    let interruptions = 0
    let step = work.next()
    for (; step.done !== true; step = work.next()) interruptions += 1
    expect(step.value.svids).toHaveLength(namespaces.length)
    expect(interruptions).toBeGreaterThanOrEqual(namespaces.length)
  })

  it('and then sees once what stays, and nothing of what went before its turn', () => {
    const ledger = crowded()
    const seen: string[] = []
    const walk = ledger.survey(({ labels }) => {
      if (labels.copy === 'mounted') seen.push(labels.pod)
    })
    walk.next()
    const seenBefore = seen.length
    expect(seenBefore).toBeLessThan(count / 2)
    ledger.report({ kind: 'podDeleted', uid: uidOf(0) })
    ledger.report({ kind: 'podDeleted', uid: uidOf(count - 1) })
    ;[{ kind: 'pod', pod: podOf(count) } as const, mountedIn(count)].forEach(ledger.report)
    let step = walk.next()
    while (step.done !== true) step = walk.next()
    expect(seen.toSorted()).toEqual(
      [...Array(count + 1).keys()]
        .filter((index) => index !== count - 1)
        .map((index) => `web-${index}`)
        .toSorted(),
    )
    const valid = ({ workloads }: { readonly workloads: typeof step.value.workloads }) =>
      workloads.find(({ state }) => state === 'valid')?.count
    expect(valid(step.value)).toBe(count)
    expect(valid(surveyOf(ledger))).toBe(count - 1)
  })

  it('and counts no workloads and agents where pods are listed only meanwhile: it may have missed some', () => {
    const { ledger } = watch(...requests)
    const walk = ledger.survey()
    walk.next()
    podList(...pods).forEach(ledger.report)
    let step = walk.next()
    while (step.done !== true) step = walk.next()
    expect(step.value).toMatchObject({ workloads: [], agents: [] })
    const { workloads, agents } = surveyOf(ledger)
    expect(workloads.find(({ state }) => state === 'valid')?.count).toBe(count)
    expect(agents).not.toEqual([])
  })
})
