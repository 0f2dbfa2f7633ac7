import { randomUUID } from 'node:crypto'
import { systemClock } from '../../src/clock.ts'
import { createClient, type KubernetesClient } from '../../src/kubernetes/client.ts'
import { loadCredentials } from '../../src/kubernetes/credentials.ts'
import { KubernetesError } from '../../src/kubernetes/kubernetesError.ts'
import { reflectorSuite } from '../support/reflectorSuite.ts'
import type { ReflectorHarness } from '../support/reflectorWorld.ts'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

function definitionOf(group: string): unknown {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      names: { plural: 'things', kind: 'Thing' },
      scope: 'Cluster',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  }
}

/** Reports whether a resource is served. A new one answers 404 at first, and then 429 while its storage is set up. */
async function isServed(client: KubernetesClient, path: string): Promise<boolean> {
  try {
    await client.request('GET', path)
    return true
  } catch (thrown) {
    if (thrown instanceof KubernetesError && ['not_found', 'throttled'].includes(thrown.code)) return false
    throw thrown
  }
}

/** Starts a harness for the cluster of the current kubeconfig context. */
function startHarness(): Promise<ReflectorHarness> {
  const client = createClient({ clock: systemClock })
  const group = `test-${randomUUID()}.svidwatch.io`
  const path = `/apis/${group}/v1/things`
  let isInstalled = false
  return Promise.resolve({
    client,
    credentials: loadCredentials({}),
    thing: {
      apiVersion: `${group}/v1`,
      path,
      async install() {
        await client.request('POST', definitions, { body: definitionOf(group) })
        isInstalled = true
        while (!(await isServed(client, path))) await systemClock.sleep(100)
      },
      // The API server's watch cache of a new resource begins at its creation.
      forgottenVersion: () => Promise.resolve('1'),
    },
    async close() {
      if (isInstalled) await client.request('DELETE', `${definitions}/things.${group}`)
      client.close()
    },
  })
}

reflectorSuite('a reflector on the API server of the current kubeconfig context', startHarness)
