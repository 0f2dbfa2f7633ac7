import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { compareUrgency, type Urgency } from '../../src/diagnosis/urgency.ts'
import { acceptsGzip, negotiateFormat } from '../../src/metrics/negotiate.ts'
import { RequestError } from '../../src/server/requestError.ts'
import { tokenOf } from '../../src/server/pageToken.ts'
import { positionFromToken, positionToken } from '../../src/server/problemOrder.ts'
import { readProblemQuery } from '../../src/server/problemQuery.ts'
import { keyFromToken } from '../../src/server/svidOrder.ts'
import { readSvidQuery } from '../../src/server/svidQuery.ts'
import { fuzz } from './support/fuzz.ts'
import { jsonValues } from './support/json.ts'
import { mutated } from './support/mutate.ts'
import { textMutation } from './support/text.ts'

const token = tokenOf(['team-a', 'web-1', 'spiffe', '', 'mounted', 'spiffe://example.org/web', 'node-1', '', 'ab'])
const query = { limit: '10', continue: token, namespace: 'team-a', copy: 'mounted', state: 'valid' }

const problem: Urgency = {
  ...{ muted: false, severity: 'critical' as const, explainedBy: '' },
  ...{ impactMs: 2, sinceMs: 1, code: 'expired', key: 'uid/tls' },
}
const problemToken = positionToken(problem)
const problemQuery = {
  ...{ limit: '10', continue: problemToken, namespace: 'team-a', pod: 'web-1', node: 'node-1', issuer: 'Issuer/a/b' },
  ...{ code: 'expired', severity: 'critical', muted: 'false' },
}

const checkSvidQuery = (given: Readonly<Record<string, unknown>>): void =>
  check(() => {
    const { limit, afterKey } = readSvidQuery(given)
    if (afterKey !== undefined) assert.deepEqual(keyFromToken(tokenOf(afterKey)), afterKey)
    return limit
  })

const checkProblemQuery = (given: Readonly<Record<string, unknown>>): void =>
  check(() => {
    const { limit, after } = readProblemQuery(given)
    if (after !== undefined) assert.deepEqual(positionFromToken(positionToken(after)), after)
    return limit
  })

/** Checks that a query is read or refused; `read` returns the limit. */
function check(read: () => number): void {
  try {
    const limit = read()
    assert.ok(Number.isInteger(limit) && limit >= 1 && limit <= 1000)
  } catch (thrown) {
    assert.ok(thrown instanceof RequestError && thrown.status === 400, String(thrown))
    assert.ok(thrown.message.length <= 1_000, `a message of ${thrown.message.length} characters`)
  }
}

const queries = [
  ['/api/v1/svids', query, checkSvidQuery],
  ['/api/v1/problems', problemQuery, checkProblemQuery],
] as const

test.each(queries)('queries of %s', (_path, valid, checkQuery) => {
  const texts = mutated([new URLSearchParams(valid).toString()], textMutation)
  return fuzz(texts, (text) => checkQuery(Object.fromEntries(new URLSearchParams(text))))
})

test.each(queries)('queries of %s, whatever a parser makes of them', (_path, valid, checkQuery) => {
  const objects = jsonValues([valid]).filter((value) => typeof value === 'object' && value !== null)
  return fuzz(objects, (given) => checkQuery(given as Readonly<Record<string, unknown>>))
})

/** Broken tokens, and tokens of broken contents. */
function brokenTokens(valid: string) {
  const keys = mutated([valid, Buffer.from(valid, 'base64url').toString()], textMutation)
  return fc.oneof(
    keys,
    keys.map((text) => Buffer.from(text).toString('base64url')),
  )
}

test('tokens of the pages of /api/v1/svids', () =>
  fuzz(brokenTokens(token), (text) => {
    const key = keyFromToken(text)
    if (key !== undefined) assert.ok(key.length === 9 && key.every((part) => typeof part === 'string'))
  }))

test('tokens of the pages of /api/v1/problems', () =>
  fuzz(brokenTokens(problemToken), (text) => {
    const position = positionFromToken(text)
    if (position !== undefined) assert.ok(!Number.isNaN(compareUrgency(problem, position)))
  }))

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
