import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import fc from 'fast-check'
import { test } from 'vitest'
import { endpointSlice } from '../../src/world/nodeRoles.ts'
import { deliver } from '../../src/kubernetes/deliver.ts'
import type { ReflectorHandler } from '../../src/kubernetes/handler.ts'
import { KubernetesError } from '../../src/kubernetes/kubernetesError.ts'
import { oversizedEvent, parseWatchEvent } from '../../src/kubernetes/watchEvent.ts'
import { troubleReasons } from '../../src/ledger/sight/reasons.ts'
import { createNodes } from '../../src/sources/clusterObjects/nodes.ts'
import { MalformedObjectError } from '../../src/sources/kubernetesObject.ts'
import { projectSlice } from '../../src/sources/nodeFindings/endpointSlice.ts'
import { fuzz, fuzzAsync, runs } from './support/fuzz.ts'
import { jsonTexts, jsonValues, type Json } from './support/json.ts'
import { kinds, node, optionalKinds, sent } from './support/kinds.ts'
import { assertObservation, emptyList, observed } from './support/observed.ts'
import { assertDetail, assertLabel } from './support/oracles.ts'

/** So many objects come in one list, on average. */
const batch = 100

test.each([...kinds, ...optionalKinds])('$source', ({ create, recorded }) => {
  const lists = fc.array(jsonValues(recorded), { minLength: 1, maxLength: 2 * batch, size: 'max' })
  return fuzzAsync(
    lists,
    async (items) => {
      const observations = await observed(create, { ...emptyList, items })
      observations.forEach(assertObservation)
      const about = observations.filter(({ kind }) => !['listing', 'listed', 'contact'].includes(kind))
      assert.ok(about.length <= items.length * 3, 'an object is told once, and at most two of its fields as damaged')
      assert.equal(observations.at(-1)?.kind, 'contact')
    },
    runs / batch,
  )
})

test('pages of a list', () => {
  const page = { kind: 'List', metadata: { resourceVersion: '9', continue: '' }, items: [node] }
  return fuzzAsync(jsonValues([page]), async (answer) => {
    const observations = await observed(createNodes, answer)
    observations.forEach(assertObservation)
    assert.ok(['contact', 'trouble'].includes(observations.at(-1)?.kind ?? ''))
  })
})

test('lines of a watch', () => {
  const types = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']
  const status = {
    kind: 'Status',
    status: 'Failure',
    reason: 'Expired',
    code: 410,
    message: 'too old resource version',
  }
  const events = types.map((type): Json => ({ type, object: type === 'ERROR' ? status : node }))
  return fuzz(jsonTexts(events), (line) => {
    try {
      deliver(parseWatchEvent(line, 'a watch'), false, { project: (raw) => raw, handler: carefulHandler })
    } catch (thrown) {
      assert.ok(thrown instanceof KubernetesError, String(thrown))
      assert.ok(Object.hasOwn(troubleReasons, thrown.code) || thrown.code === 'conflict')
      assertDetail(thrown.message)
    }
  })
})

test('heads of lines that are too long', () => {
  const node = { metadata: { uid: 'uid-1', namespace: 'team-a', name: 'node-1', resourceVersion: '7' } }
  const events = ['ADDED', 'DELETED'].map((type): Json => ({ type, object: node }))
  return fuzz(jsonTexts(events), (line) => {
    deliver(oversizedEvent({ head: Buffer.from(line) }), false, { project: (raw) => raw, handler: carefulHandler })
  })
})

const carefulHandler: ReflectorHandler<unknown> = {
  ...{ listing: () => undefined, listed: () => undefined, contact: () => undefined, trouble: () => undefined },
  object: ({ resourceVersion }) => assert.match(resourceVersion, /^\d{1,20}$/),
  deleted: ({ uid, resourceVersion }) => assert.match(`${uid} ${resourceVersion}`, / \d{1,20}$/),
  progress: (resourceVersion) => assert.match(resourceVersion, /^\d{1,20}$/),
  rejected: ({ where, detail }) => {
    assertLabel(where, 300)
    assertDetail(detail)
  },
}

test('EndpointSlices', () => {
  const slice = sent(endpointSlice('node-1', 'http://10.0.0.7:9797'))
  return fuzz(jsonValues([slice]), (raw) => {
    try {
      const { uid, endpoints, rejections } = projectSlice(raw)
      assertLabel(uid, 253)
      for (const { node, address, port, rank } of endpoints) {
        assertLabel(node, 253)
        assert.ok(isIP(address) !== 0 && Number.isInteger(port) && port > 0 && port < 65_536 && rank >= 0)
      }
      for (const { where, detail } of rejections) {
        assertLabel(where, 600)
        assertDetail(detail)
      }
    } catch (thrown) {
      assert.ok(thrown instanceof MalformedObjectError, String(thrown))
      assertDetail(thrown.message)
    }
  })
})
