import { onTestFinished } from 'vitest'
import type { KubernetesObject } from '../../src/world/apiServer/object.ts'
import { startApiServer } from '../../src/world/apiServer/server.ts'
import { createStore } from '../../src/world/apiServer/store.ts'
import { ManualClock } from '../support/manualClock.ts'
import { configMap } from '../support/testApi.ts'
import type { Release } from './release.ts'

const [namespace, name] = ['platform', 'svidwatch-state']

/**
 * Starts an API server as the release has left it: with its CertificateRequests, each at its recorded revision, and with its state. The
 * clock stands where the release was stopped.
 */
export async function replay({ endedMs, requests, state }: Release) {
  const clock = new ManualClock(endedMs)
  const store = createStore(clock)
  const revisionOf = ({ metadata }: KubernetesObject) => Number(metadata.resourceVersion)
  store.create('configmaps', configMap(name, { ...state }, namespace))
  const filler = configMap('filler', { count: '0' }, namespace)
  store.create('configmaps', filler)
  /** Lets other objects change until the next change has this revision. */
  const reach = (revision: number): void => {
    if (store.revision >= revision) throw new Error(`revision ${revision} is in the past`)
    while (store.revision < revision - 1)
      store.update('configmaps', { ...filler, data: { count: String(store.revision) } })
  }
  for (const request of requests.items.toSorted((one, other) => revisionOf(one) - revisionOf(other))) {
    reach(revisionOf(request))
    store.create('certificaterequests', request)
  }
  reach(Number(requests.metadata.resourceVersion) + 1)
  const api = await startApiServer({ clock, store })
  onTestFinished(() => api.close())
  return { clock, store, api, namespace, name }
}
