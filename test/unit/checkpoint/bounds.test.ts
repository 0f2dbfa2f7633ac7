import { expect, it } from 'vitest'
import { maxOpen, maxRecent, parseCheckpoint, serializeCheckpoint } from '../../../src/ledger/issuance/checkpoint.ts'
import { failureReasons } from '../../../src/ledger/issuance/reasons.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import { maxMemoryLength } from '../../../src/ledger/memory.ts'
import { maxNamespaces } from '../../../src/namespaces.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { change, request, requestList, svid } from '../../support/observations.ts'

/** What a ConfigMap may hold, less what the keys take. */
const maxLength = 1_048_576 - 1_000

/** A ledger that was told of so many issuers with long names, each of which ends requests in every way. */
function ledgerOf(issuers: number, maxIssuers: number): Ledger {
  const ledger = new Ledger({ clock: new ManualClock(), sources: ['certificateRequests'], maxIssuers })
  requestList('1').forEach(ledger.report)
  for (let index = 0; index < issuers; index += 1) {
    const issuer = `ClusterIssuer/${String(index).padStart(121, 'i')}`
    const uids = (name: string) => `${name}-${index}`
    ledger.report(change('added', request({ uid: uids('issued'), issuer, svid: svid({}) })))
    for (const reason of failureReasons)
      ledger.report(change('added', request({ uid: uids(reason), issuer, state: 'failed', reason })))
  }
  return ledger
}

it.each([
  ['the default limit', 256, 256],
  ['no limit to speak of', 1_000, Number.MAX_SAFE_INTEGER],
])('what is stored fits into a ConfigMap, whatever is counted: %s', (_, issuers, maxIssuers) => {
  const ledger = ledgerOf(issuers, maxIssuers)
  const checkpoint = ledger.checkpoint()
  if (checkpoint === undefined) throw new Error('there is nothing to commit')
  const uids = (length: number) => Array.from({ length }, (_, index) => String(index).padStart(15, '0'))
  const settled = (length: number) => uids(length).map((uid, index) => [1_800_000_000_000 + index, [uid]] as const)
  const text = serializeCheckpoint({
    ...checkpoint,
    positions: [
      {
        resourceVersion: '9'.repeat(20),
        open: uids(maxOpen),
        newestCreatedMs: 1_800_000_000_000,
        recent: { sinceMs: 0, settled: settled(maxRecent) },
      },
    ],
  })
  expect(text.length + maxMemoryLength).toBeLessThan(maxLength)
  expect(parseCheckpoint(text)).toMatchObject({ checkpoint: { totals: checkpoint.totals } })
})

it('what is stored fits into a ConfigMap with as many namespaces as may be watched, all with long names', () => {
  const checkpoint = ledgerOf(1_000, Number.MAX_SAFE_INTEGER).checkpoint()
  if (checkpoint === undefined) throw new Error('there is nothing to commit')
  const each = <Item>(length: number, item: (index: number) => Item) =>
    Array.from({ length }, (_, index) => item(index))
  const positions = each(maxNamespaces, (space) => ({
    namespace: `${space}`.padStart(63, 'n'),
    resourceVersion: '9'.repeat(20),
    open: each(maxOpen / maxNamespaces, (index) => String(index).padStart(15, '0')),
    newestCreatedMs: 1_800_000_000_000,
    recent: {
      sinceMs: 1_800_000_000_000,
      settled: each(maxRecent / maxNamespaces, (index) => [1_800_000_000_000 + index, ['0'.repeat(15)]] as const),
    },
  }))
  const text = serializeCheckpoint({ ...checkpoint, positions })
  expect(text.length + maxMemoryLength).toBeLessThan(maxLength)
  expect(parseCheckpoint(text)).toEqual({ checkpoint: { ...checkpoint, positions } })
})

it('tells 256 issuers with long names apart, and all that they have ended is counted', () => {
  const totals = ledgerOf(300, 256).checkpoint()?.totals ?? []
  expect(totals.filter(({ trustDomain, issuer }) => trustDomain !== '' && issuer !== '')).toHaveLength(256)
  const sum = (count: (one: (typeof totals)[number]) => number) => totals.reduce((all, one) => all + count(one), 0)
  expect(sum((one) => one.attestationSuccess)).toBe(300)
  for (const reason of failureReasons) expect(sum((one) => one.attestationFailure[reason])).toBe(300)
})
