import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { acceptsGzip, negotiateFormat } from '../../src/metrics/negotiate.ts'
import { RequestError } from '../../src/server/requestError.ts'
import { keyFromToken, tokenOf } from '../../src/server/svidOrder.ts'
import { readSvidQuery } from '../../src/server/svidQuery.ts'
import { fuzz } from './support/fuzz.ts'
import { jsonValues } from './support/json.ts'
import { mutated } from './support/mutate.ts'
import { textMutation } from './support/text.ts'

const token = tokenOf(['team-a', 'web-1', 'spiffe', '', 'mounted', 'spiffe://example.org/web', 'node-1', '', 'ab'])
const query = { limit: '10', continue: token, namespace: 'team-a', copy: 'mounted', state: 'valid' }

function checkQuery(given: Readonly<Record<string, unknown>>): void {
  try {
    const { limit, afterKey } = readSvidQuery(given)
    assert.ok(Number.isInteger(limit) && limit >= 1 && limit <= 1000)
    if (afterKey !== undefined) assert.deepEqual(keyFromToken(tokenOf(afterKey)), afterKey)
  } catch (thrown) {
    assert.ok(thrown instanceof RequestError && thrown.status === 400, String(thrown))
    assert.ok(thrown.message.length <= 1_000, `a message of ${thrown.message.length} characters`)
  }
}

test('queries of /api/v1/svids', () => {
  const texts = mutated([new URLSearchParams(query).toString()], textMutation)
  return fuzz(texts, (text) => checkQuery(Object.fromEntries(new URLSearchParams(text))))
})

test('queries of /api/v1/svids, whatever a parser makes of them', () => {
  const objects = jsonValues([query]).filter((value) => typeof value === 'object' && value !== null)
  return fuzz(objects, (given) => checkQuery(given as Readonly<Record<string, unknown>>))
})

test('tokens of the pages of /api/v1/svids', () => {
  const keys = mutated([token, Buffer.from(token, 'base64url').toString()], textMutation)
  const tokens = fc.oneof(
    keys,
    keys.map((text) => Buffer.from(text).toString('base64url')),
  )
  return fuzz(tokens, (text) => {
    const key = keyFromToken(text)
    if (key !== undefined) assert.ok(key.length === 9 && key.every((part) => typeof part === 'string'))
  })
})

test('Accept and Accept-Encoding headers', () => {
  const headers = [
    'application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'gzip, deflate;q=0.5, br;q=0, *;q=0.001',
  ]
  return fuzz(mutated(headers, textMutation), (header) => {
    assert.ok(['text', 'openmetrics'].includes(negotiateFormat(header)))
    assert.equal(typeof acceptsGzip(header), 'boolean')
  })
})
