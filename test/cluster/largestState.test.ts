import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ConfigMapStore } from '../../src/checkpoint/configMapStore.ts'
import { systemClock } from '../../src/clock.ts'
import { createClient } from '../../src/kubernetes/client.ts'
import { serializeCheckpoint } from '../../src/ledger/issuance/checkpoint.ts'
import { serializeMemory } from '../../src/ledger/memory.ts'
import { memoryOf } from '../support/ledgerReading.ts'
import { everyReason, largestLedger, type StateSize } from '../support/largestState.ts'

const client = createClient({ clock: systemClock })
const namespace = `svidwatch-state-${randomBytes(2).toString('hex')}`
const signal = new AbortController().signal

beforeAll(async () => {
  await client.request('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } })
})
afterAll(async () => {
  await client.request('DELETE', `/api/v1/namespaces/${namespace}`)
  client.close()
})

const sizes: readonly (readonly [string, StateSize])[] = [
  [
    '256 issuers with names of 135 characters and 6 reasons',
    { issuers: 256, nameLength: 135, reasons: everyReason.slice(0, 6) },
  ],
  ['2,000 issuers with the longest names and every reason', { issuers: 2_000, nameLength: 324, reasons: everyReason }],
]

it.each(sizes)('the API server stores the state of %s, and returns it', async (_, largest) => {
  const ledger = largestLedger(systemClock, largest)
  const checkpoint = ledger.checkpoint()
  if (checkpoint === undefined) throw new Error('there is nothing to commit')
  const texts = {
    'checkpoint.json': serializeCheckpoint(checkpoint),
    'memory.json': serializeMemory(memoryOf(ledger)),
  } as const
  const name = `svidwatch-state-${largest.issuers}`
  const store = new ConfigMapStore(client, namespace, name)
  for (const part of ['checkpoint.json', 'memory.json'] as const) {
    await store.load(part, signal)
    expect(await store.save(part, () => texts[part], signal)).toBe('saved')
  }
  const again = new ConfigMapStore(client, namespace, name)
  for (const part of ['checkpoint.json', 'memory.json'] as const)
    expect(await again.load(part, signal)).toEqual({ text: texts[part] })
})
