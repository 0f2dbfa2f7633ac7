import { expect, it } from 'vitest'
import { volumeHash } from '../../../src/identity/volumeHash.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import { heapBytes } from '../../support/heap.ts'
import { change, pod, podList, request } from '../../support/observations.ts'
import { watch } from '../../support/watchedLedger.ts'

const pods = 200
/** All names together take so much that what else the process keeps meanwhile does not count. */
const nameLength = 100_000

/** Returns a string that shares no memory with an equal one. */
const longName = (): string => Buffer.alloc(nameLength, 'x').toString('latin1')

const podOf = (index: number): Observation => ({ kind: 'pod', pod: pod({ uid: `pod-${index}`, name: longName() }) })

const requestOf = (index: number): Observation => {
  const podUid = `pod-${index}`
  const owner = { podUid, podName: longName() }
  return change('added', request({ uid: `request-${index}`, owner, volumeHash: volumeHash(podUid, 'spiffe') }))
}

it.each([
  ['the pod comes before its request', [podOf, requestOf]],
  ['the request comes before its pod', [requestOf, podOf]],
  ['the pod changes', [podOf, requestOf, podOf, podOf]],
])('holds the name of a pod once in memory when %s', async (_, steps) => {
  const { ledger } = watch(...podList())
  const before = await heapBytes()
  for (const step of steps) for (let index = 0; index < pods; index += 1) ledger.report(step(index))
  const names = ((await heapBytes()) - before) / (pods * nameLength)
  expect([...ledger.workloads()]).toHaveLength(pods)
  expect(names).toBeGreaterThan(0.9)
  expect(names).toBeLessThan(1.5)
})
