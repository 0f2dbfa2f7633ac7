import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'vitest'
import type { MountedObservation } from '../../src/ledger/observations.ts'
import { maxLineBytes } from '../../src/nodeStream/contract.ts'
import { readPrivateKey, readPublicKeys } from '../../src/nodeStream/keys.ts'
import { decodeLine, encodeLine, type StreamLine } from '../../src/nodeStream/lines.ts'
import { tokenProblems } from '../../src/nodeStream/tokenProblems.ts'
import { TokenSigner, TokenVerifier } from '../../src/nodeStream/tokens.ts'
import { ManualClock } from '../support/manualClock.ts'
import { mounted, svid } from '../support/observations.ts'
import { createTokenKeys, keyFolder } from '../support/tokenKeys.ts'
import { fuzz, fuzzAsync } from './support/fuzz.ts'
import { jsonTexts, type Json } from './support/json.ts'
import { mutated } from './support/mutate.ts'
import { assertObservation } from './support/observed.ts'
import { assertDetail } from './support/oracles.ts'
import { textMutation } from './support/text.ts'

const reading = { svid: svid({ fingerprint: 'f'.repeat(64) }) }
const bundle = { certificates: 2, newestNotAfterMs: Date.UTC(2027, 0) }
const findings: readonly MountedObservation[] = [
  mounted({ reading, bundle }),
  mounted({ reading: { problem: 'missing', detail: 'the file does not exist' } }),
]
const lines: readonly StreamLine[] = [
  ...findings.map((one) => ({ type: 'mounted', mounted: one }) as const),
  { type: 'unmounted', podUid: 'pod-1', volume: 'spiffe' },
  { type: 'blind', reason: 'unreadable', detail: 'EACCES: permission denied' },
  ...(['snapshot', 'synced', 'sighted', 'heartbeat'] as const).map((type) => ({ type })),
]
const recorded = lines.map((line) => JSON.parse(encodeLine(line)) as Json)

test('lines of a node role', () => {
  return fuzz(jsonTexts(recorded), (text) => {
    const line = decodeLine(text)
    if ('problem' in line) return assertDetail(line.problem)
    if (line.type === 'unknown') return
    assert.equal(JSON.stringify(decodeLine(encodeLine(line).trimEnd())), JSON.stringify(line))
    assert.ok(Buffer.byteLength(encodeLine(line)) <= maxLineBytes)
    if (line.type === 'mounted') assertObservation({ kind: 'mounted', mounted: line.mounted })
  })
})

const clock = new ManualClock()
const node = 'node-1'
const documented = (problem: string | undefined) =>
  assert.ok(problem === undefined || Object.hasOwn(tokenProblems, problem), problem)

test('Authorization headers', async () => {
  const keys = createTokenKeys()
  const folder = keyFolder()
  const verifier = new TokenVerifier(folder.write('public.pem', keys.publicPem), clock, node)
  const token = await new TokenSigner(folder.write('private.pem', keys.privatePem), clock).tokenFor(node)
  assert.equal(await verifier.verify(`Bearer ${token}`), undefined)
  await fuzzAsync(mutated([`Bearer ${token}`], textMutation), async (header) => {
    const problem = await verifier.verify(header)
    documented(problem)
    const shown = /^bearer +(\S+)$/i.exec(header)?.[1]
    if (problem === undefined)
      assert.deepEqual(shown?.split('.').map(fromBase64url), token.split('.').map(fromBase64url))
  })
})

test('headers and claims of tokens that are signed by the right key', async () => {
  const keys = createTokenKeys()
  const folder = keyFolder()
  const verifier = new TokenVerifier(folder.write('public.pem', keys.publicPem), clock, node)
  const token = await new TokenSigner(folder.write('private.pem', keys.privatePem), clock).tokenFor(node)
  const [head = '', claims = ''] = token.split('.').map(fromBase64url)
  const header = JSON.parse(head) as Readonly<Record<string, Json>>
  const odd = [
    {},
    { crit: ['exp'] },
    { crit: [] },
    { b64: false },
    { typ: 7 },
    { zip: 'DEF' },
    { crit: ['b64'], b64: false },
  ]
  const headers = fc.oneof(
    fc.constantFrom(...odd.map((members) => JSON.stringify({ ...header, ...members }))),
    jsonTexts([header]),
  )
  const payloads = jsonTexts([JSON.parse(claims) as Json])
  await fuzzAsync(fc.tuple(headers, payloads), async (parts) => {
    const signed = parts.map((part) => Buffer.from(part).toString('base64url')).join('.')
    const signature = sign(null, Buffer.from(signed), keys.privateKey).toString('base64url')
    documented(await verifier.verify(`Bearer ${signed}.${signature}`))
  })
})

test('key files', async () => {
  const keys = createTokenKeys()
  const folder = keyFolder()
  const path = folder.write('keys.pem', '')
  const texts = [keys.publicPem, keys.publicPem + createTokenKeys('P-256').publicPem, keys.privatePem]
  await fuzzAsync(fc.tuple(fc.boolean(), mutated(texts, textMutation)), async ([asPrivate, text]) => {
    folder.write('keys.pem', text)
    const read = await (asPrivate ? readPrivateKey(path) : readPublicKeys(path))
    if ('problem' in read) assertDetail(read.problem)
  })
})

const fromBase64url = (text: string) => Buffer.from(text, 'base64url').toString()
