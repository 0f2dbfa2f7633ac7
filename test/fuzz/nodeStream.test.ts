import assert from 'node:assert/strict'
import { sign, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'vitest'
import type { MountedObservation } from '../../src/ledger/workloads/observations.ts'
import { maxLineBytes } from '../../src/nodeStream/contract.ts'
import { readPrivateKey, readPublicKeys } from '../../src/nodeStream/keys.ts'
import { decodeLine, encodeLine, type StreamLine } from '../../src/nodeStream/lines.ts'
import { tokenProblems } from '../../src/nodeStream/tokenProblems.ts'
import { signingKeyFile, TokenSigner, TokenVerifier } from '../../src/nodeStream/tokens.ts'
import { ManualClock } from '../support/manualClock.ts'
import { authority, bundleOf, mounted, svid } from '../support/observations.ts'
import { createTokenKeys, keyFolder } from '../support/tokenKeys.ts'
import { fuzz, fuzzAsync } from './support/fuzz.ts'
import { jsonTexts, type Json } from './support/json.ts'
import { mutated } from './support/mutate.ts'
import { assertObservation } from './support/observed.ts'
import { assertDetail } from './support/oracles.ts'
import { textMutation } from './support/text.ts'
import { realFiles } from '../support/realFiles.ts'

const reading = { svid: svid({ fingerprint: 'f'.repeat(64), authorityKeyId: 'a'.repeat(40) }) }
const bundle = bundleOf(authority('a'), authority('b'))
const findings: readonly MountedObservation[] = [
  mounted({ reading, bundle, writtenMs: Date.UTC(2026, 0) }),
  mounted({ reading: { problem: 'missing', detail: 'it does not exist' } }),
  mounted({ reading, bundle, verdict: { authority: 'a'.repeat(64), period: { notBeforeMs: 0, notAfterMs: 1 } } }),
  mounted({ reading, bundle, verdict: { refusal: 'unknown_authority', detail: 'signed by "CN=ca"' } }),
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

/** Members of a header that change how a token is to be read. */
const oddMembers = [
  { crit: ['exp'] },
  { crit: [] },
  { b64: false },
  { crit: ['b64'], b64: false },
  { typ: 7 },
  { zip: 'DEF' },
  { alg: 'none' },
]

/** Tokens of other headers and claims that are signed by the right key. */
function signedTokens(token: string, key: KeyObject): fc.Arbitrary<string> {
  const [header, claims] = token.split('.', 2).map((part) => JSON.parse(fromBase64url(part)) as Json)
  if (header === undefined || claims === undefined) throw new Error('a token has a header and claims')
  const headers = fc.oneof(
    fc.constantFrom({}, ...oddMembers).map((members) => JSON.stringify(Object.assign({}, header, members))),
    jsonTexts([header]),
  )
  return fc.tuple(headers, jsonTexts([claims])).map((parts) => {
    const signed = parts.map((part) => Buffer.from(part).toString('base64url')).join('.')
    return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
  })
}

test('Authorization headers', async () => {
  const keys = createTokenKeys()
  const folder = keyFolder()
  const verifier = new TokenVerifier(folder.write('public.pem', keys.publicPem), clock, node, realFiles)
  const token = await new TokenSigner(
    signingKeyFile(folder.write('private.pem', keys.privatePem), realFiles),
    clock,
  ).tokenFor(node)
  assert.ok('keyId' in (await verifier.verify(`Bearer ${token}`)))
  const headers = fc.oneof(
    mutated([`Bearer ${token}`], textMutation),
    signedTokens(token, keys.privateKey).map((signed) => `Bearer ${signed}`),
  )
  await fuzzAsync(headers, async (header) => {
    const verified = await verifier.verify(header)
    if ('problem' in verified) return assert.ok(Object.hasOwn(tokenProblems, verified.problem), verified.problem)
    const { iss, aud } = JSON.parse(fromBase64url(header.split('.')[1] ?? '')) as { iss: unknown; aud: unknown }
    assert.deepEqual([iss, [aud].flat().includes(`svidwatch-node:${node}`)], ['svidwatch', true])
  })
})

test('key files', async () => {
  const keys = createTokenKeys()
  const folder = keyFolder()
  const path = folder.write('keys.pem', '')
  const texts = [keys.publicPem, keys.publicPem + createTokenKeys('P-256').publicPem, keys.privatePem]
  await fuzzAsync(fc.tuple(fc.boolean(), mutated(texts, textMutation)), async ([asPrivate, text]) => {
    folder.write('keys.pem', text)
    const read = await (asPrivate ? readPrivateKey(realFiles, path) : readPublicKeys(realFiles, path))
    if ('problem' in read) assertDetail(read.problem)
  })
})

/** As a JWT is read: without a byte order mark. */
const fromBase64url = (text: string) => new TextDecoder().decode(Buffer.from(text, 'base64url'))
