import { fakeDiagnoses } from '../../support/fakeDiagnoses.ts'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { volumeHash } from '../../../src/identity/volumeHash.ts'
import { createMetrics } from '../../../src/metrics/scrape.ts'
import { textFrom } from '../../support/exposition.ts'
import { change, pod, podList, request } from '../../support/observations.ts'
import { gone, watch } from '../../support/watchedLedger.ts'

const pods = 2_000
const rollouts = 20
const mebibyte = 2 ** 20

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  for (let round = 0; round < 3; round += 1) collect()
  return process.memoryUsage().heapUsed
}

it('scrapes keep nothing of pods that are gone, also while a pod of each rollout has ended and stays', async () => {
  const { ledger, clock } = watch(...podList())
  const metrics = createMetrics({
    ledger,
    diagnoses: fakeDiagnoses(),
    clock,
    limits: { maxSeries: 1_000_000 },
    sources: ['certificateRequests', 'pods'],
    build: { version: '0.0.0', nodeVersion: 'v24.0.0', roles: ['cluster'] },
  })
  let versions = 100
  const roll = async (rollout: number) => {
    const uids = Array.from({ length: pods }, (_, index) => `pod-${rollout}-${index}`)
    for (const uid of uids) {
      ledger.report({ kind: 'pod', pod: pod({ uid, name: uid }) })
      const owner = { podUid: uid, podName: uid }
      const resourceVersion = String((versions += 1))
      const hash = volumeHash(uid, 'spiffe')
      ledger.report(change('added', request({ uid: `request-${uid}`, resourceVersion, owner, volumeHash: hash })))
    }
    const text = await textFrom(metrics)
    expect(text.match(/^spire_svid_expiry_seconds\{/gm)).toHaveLength(pods)
    const [first = '', ...rest] = uids
    ledger.report({ kind: 'pod', pod: pod({ uid: first, name: first, ended: true }) })
    for (const uid of rest) {
      ledger.report({ kind: 'podDeleted', uid })
      ledger.report(gone(`request-${uid}`, String((versions += 1))))
    }
  }

  await roll(0)
  await roll(1)
  const before = heapBytes()
  for (let rollout = 2; rollout < 2 + rollouts; rollout += 1) await roll(rollout)
  // The labels of one rollout's pods take about half a MiB.
  expect((heapBytes() - before) / mebibyte).toBeLessThan(3)
})
