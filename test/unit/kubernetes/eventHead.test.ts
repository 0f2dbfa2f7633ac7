import { expect, test } from 'vitest'
import { readEventHead } from '../../../src/kubernetes/eventHead.ts'

const named = { namespace: 'shop', name: 'web', uid: 'uid-1', resourceVersion: '7' }
const nothing = { type: '', namespace: '', name: '', uid: '', resourceVersion: '' }
const read = (json: string) => readEventHead(Buffer.from(json))

/** Like the names, but in other places. */
const decoys = {
  name: ['no', { name: 'no' }],
  'object\nmetadata\nuid': 'no',
  deep: { uid: 'no', metadata: { uid: 'no' }, list: [{ resourceVersion: '9' }, ['uid', 'no']] },
  quoted: 'a\\"uid":"no","\\\\',
}

test.each([
  ['a built-in object', { kind: 'Pod', metadata: { ...named, annotations: decoys }, spec: decoys }],
  ['a custom resource', { apiVersion: 'x/v1', metadata: { annotations: decoys, ...named }, spec: decoys }],
  ['an object with the same names elsewhere', { spec: decoys, metadata: { ownerReferences: [named], ...named } }],
])('the event of %s is known by its head', (_, object) => {
  const json = JSON.stringify({ type: 'MODIFIED', object })
  expect(read(json)).toEqual({ type: 'MODIFIED', ...named })
  const afterNames = json.lastIndexOf('"resourceVersion":"7"') + '"resourceVersion":"7"'.length
  expect(read(json.slice(0, afterNames))).toEqual({ type: 'MODIFIED', ...named })
})

test('a head that ends anywhere tells what it has, and nothing else', () => {
  const whole = { type: 'ADDED', ...named }
  const json = JSON.stringify({ type: 'ADDED', object: { metadata: { annotations: decoys, ...named }, spec: decoys } })
  for (let length = 0; length <= json.length; length += 1) {
    const found = Object.entries(read(json.slice(0, length))).filter(([, text]) => text !== '')
    expect(whole).toMatchObject(Object.fromEntries(found))
  }
})

test.each([
  '',
  'null',
  '"type"',
  '[{"type":"ADDED"}]',
  '}}]]{',
  '{"type":7,"object":"metadata"}',
  '{"object":[{"metadata":{"uid":"no"}}]}',
])('the head %j tells nothing', (json) => {
  expect(read(json)).toEqual(nothing)
})

test('white space between the tokens does not matter', () => {
  expect(read(JSON.stringify({ type: 'DELETED', object: { metadata: named } }, undefined, 2))).toEqual({
    type: 'DELETED',
    ...named,
  })
})
