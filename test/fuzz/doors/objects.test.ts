import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { KubernetesObject } from '../../../src/world/apiServer/object.ts'
import { metricsOf } from '../../support/runningApp.ts'
import { assertExposition, refusals, tally } from '../support/expositionText.ts'
import { runs, sample } from '../support/fuzz.ts'
import { healthySeries, healthyWorkloads, until } from '../support/healthyWorkloads.ts'
import { jsonValues, type Json } from '../support/json.ts'
import { kinds, type Kind } from '../support/kinds.ts'
import { emptyList, observed } from '../support/observed.ts'

/** Malformed objects of each kind. */
const count = Math.ceil(runs / 20)

/** Under a name of its own, without which no API server would keep it; whatever else it has is as it is. */
function stored(value: Json, name: string): KubernetesObject {
  const object = isObject(value) ? value : {}
  const metadata = isObject(object.metadata) ? object.metadata : {}
  const uid = typeof metadata.uid === 'string' && metadata.uid.length === 36 ? `uid-of-${name}` : metadata.uid
  return { ...object, metadata: { ...metadata, uid, namespace: 'besieged', name } } as unknown as KubernetesObject
}

/** What a source of its own refuses of these objects, by reason. */
async function refusedAlone({ create }: Kind, items: readonly KubernetesObject[]) {
  const observations = await observed(create, { ...emptyList, items })
  return tally(observations.flatMap((one) => (one.kind === 'rejected' ? [one.reason] : [])))
}

test('malformed objects cost the healthy workloads nothing, and each that is refused is counted', async () => {
  const { store, start } = await healthyWorkloads()
  const app = await start()
  const healthy = healthySeries(await metricsOf(app))
  for (const { resource, recorded } of kinds) {
    sample(jsonValues(recorded), count).forEach((value, index) => {
      store.create(resource, stored(value, `besieger-${index}`))
    })
  }
  const expected = await Promise.all(kinds.map((kind) => refusedAlone(kind, store.list(kind.resource))))
  await until(async () => {
    const text = await metricsOf(app)
    assert.deepEqual(
      kinds.map(({ source }) => refusals(text, source)),
      expected,
    )
  })
  const text = await metricsOf(app)
  assertExposition(text)
  assert.deepEqual(healthySeries(text), healthy)
  for (const refused of expected) assert.ok(Object.values(refused).length > 0)
})

function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
