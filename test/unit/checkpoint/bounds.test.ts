import { expect, it } from 'vitest'
import { maxOpen, maxRecent, serializeCheckpoint } from '../../../src/ledger/issuance/checkpoint.ts'
import { maxMemoryLength } from '../../../src/ledger/memory.ts'
import { durationBuckets, totalsShape, type Total, type TotalName } from '../../../src/ledger/issuance/view.ts'

const issuers = 256
/** What an issuer has many of at worst: attestations that failed for three reasons out of all. */
const reasonsOfAnIssuer = ['denied_spiffe_id', 'failed_issuer', 'failed_other']

/** As many totals as limits.issuers lets there be unless it is set, all of them counted, with long names. */
function totalsOf(name: TotalName): Total[] {
  const { type, labels } = totalsShape[name]
  return Array.from({ length: issuers }, (_, index) => index).flatMap((index) => {
    const values = {
      trust_domain: `cluster-${index}.example.org`,
      issuer: `ClusterIssuer/spiffe-ca-${index}`,
      method: 'k8s_csi',
    }
    const reasons = labels.some((label) => label === 'reason') ? reasonsOfAnIssuer : ['']
    return reasons.map((reason) => {
      const all = labels.map((label) => (label === 'reason' ? reason : values[label]))
      if (type === 'counter') return { labels: all, value: 123_456 }
      return { labels: all, counts: Array.from({ length: durationBuckets.length + 1 }, () => 12_345), sum: 1234.567 }
    })
  })
}

it('the totals and the memory at their bounds fit into the 1 MiB of a ConfigMap', () => {
  const names = Object.keys(totalsShape) as TotalName[]
  const totals = Object.fromEntries(names.map((name) => [name, totalsOf(name)])) as Record<TotalName, Total[]>
  const uids = (length: number) => Array.from({ length }, (_, index) => String(index).padStart(15, '0'))
  const text = serializeCheckpoint({
    resourceVersion: '9'.repeat(20),
    totals,
    open: uids(maxOpen),
    newestCreatedMs: 1_800_000_000_000,
    recent: { sinceMs: 0, settled: uids(maxRecent).map((uid, index) => [1_800_000_000_000 + index, [uid]] as const) },
  })
  expect(text.length + maxMemoryLength).toBeLessThan(1024 * 1024)
})
