import assert from 'node:assert/strict'
import { test } from 'vitest'
import { parseCheckpoint, serializeCheckpoint } from '../../src/ledger/issuance/checkpoint.ts'
import { parseMemory, serializeMemory, type Memory } from '../../src/ledger/memory.ts'
import { pod, podList, requestList, svid } from '../support/observations.ts'
import { denied, issued, pending, watch, watchWith } from '../support/watchedLedger.ts'
import { fuzz } from './support/fuzz.ts'
import { jsonTexts, type Json } from './support/json.ts'
import { assertDetail, assertLabel, assertTime } from './support/oracles.ts'
import { certificateDers } from './support/recorded.ts'
import { memoryOf, surveyOf, svidsOf } from '../support/ledgerReading.ts'

const checkpoint = watch(...requestList('7', issued('1', '5'), denied('2', '6'), pending('3', '7'))).ledger.checkpoint()
if (checkpoint === undefined) throw new Error('there is nothing to commit')

const memory: Memory = {
  installed: ['certificateRequests'],
  agentNodes: [
    { node: 'node-1', agent: 'csi-driver-spiffe' },
    { node: 'node-2', agent: 'spire-agent', lostMs: Date.UTC(2026, 0) },
  ],
  bundles: [
    {
      trustDomain: 'partner.example',
      bootstrap: 'f'.repeat(64),
      refreshedMs: Date.UTC(2026, 0),
      sequence: '12',
      refreshHintMs: 300_000,
      authorities: certificateDers.slice(0, 2).map((der) => der.toString('base64')),
      jwtAuthorities: [{ keyId: 'key', expiresMs: Date.UTC(2027, 0) }],
    },
  ],
  svids: [
    {
      podUid: 'pod-1',
      volume: 'spiffe',
      issuer: 'ClusterIssuer/spiffe-ca',
      uid: 'request-1',
      createdMs: Date.UTC(2026, 0),
      lostMs: Date.UTC(2026, 0),
      svid: svid({ fingerprint: 'a'.repeat(64) }),
    },
  ],
}

test('checkpoints', () => {
  return fuzz(jsonTexts([JSON.parse(serializeCheckpoint(checkpoint)) as Json]), (text) => {
    const read = parseCheckpoint(text)
    if ('problem' in read) return assertDetail(read.problem)
    for (const { newestCreatedMs } of read.checkpoint.positions) assert.ok(Number.isFinite(newestCreatedMs))
    const { ledger } = watch()
    ledger.showCommittedOnly(read.checkpoint)
    const next = ledger.checkpoint()
    assert.ok(next !== undefined && 'checkpoint' in parseCheckpoint(serializeCheckpoint(next)))
    for (const { labels } of ledger.totals('attestationSuccess')) labels.forEach((label) => assertLabel(label, 2048))
  })
})

test('checkpoints of namespaces', () => {
  const namespaces = ['team-a', 'team-b']
  const positions = namespaces.flatMap((namespace) => checkpoint.positions.map((one) => ({ namespace, ...one })))
  const seed = JSON.parse(serializeCheckpoint({ ...checkpoint, positions })) as Json
  return fuzz(jsonTexts([seed]), (text) => {
    const read = parseCheckpoint(text)
    if ('problem' in read) return assertDetail(read.problem)
    const { ledger } = watchWith({ namespaces })
    ledger.showCommittedOnly(read.checkpoint)
    const next = ledger.checkpoint()
    const known = read.checkpoint.positions.filter(({ namespace = '' }) => namespaces.includes(namespace))
    assert.equal(next?.positions.length ?? 0, known.length)
    assert.ok(next === undefined || 'checkpoint' in parseCheckpoint(serializeCheckpoint(next)))
  })
})

test('what else outlives a restart', () => {
  return fuzz(jsonTexts([JSON.parse(serializeMemory(memory)) as Json]), (text) => {
    const read = parseMemory(text)
    if ('problem' in read) return assertDetail(read.problem)
    const { ledger } = watch(...podList(pod()))
    ledger.restore(read.memory)
    ledger.report({
      kind: 'bundleEndpoint',
      endpoint: { trustDomain: 'partner.example', url: 'https://partner.example', profile: 'https_spiffe' },
    })
    for (const { lastContactMs } of ledger.bundles()) assertTime(lastContactMs)
    for (const { node } of surveyOf(ledger).agents) assertLabel(node, 253)
    for (const { labels, lastObservedMs } of svidsOf(ledger)) {
      assertLabel(labels.issuer, 2048)
      assertLabel(labels.spiffe_id, 2048)
      assertTime(lastObservedMs)
    }
    assert.ok('memory' in parseMemory(serializeMemory(memoryOf(ledger))))
  })
})
