import { onTestFinished } from 'vitest'
import { KubernetesError } from '../../src/kubernetes/kubernetesError.ts'
import { runReflector, type ReflectorOptions } from '../../src/kubernetes/reflector.ts'
import { ManualClock } from './manualClock.ts'
import { projectItem, ReflectorRecorder, type Item } from './reflectorRecorder.ts'
import { ScriptedClient, type Step } from './scriptedClient.ts'

/** The error of an API server that does not listen. */
export const refused = new KubernetesError('unreachable', 'connect ECONNREFUSED 127.0.0.1:6443')

/** Returns a watch event of the ConfigMap of this name. */
export const event = (type: string, name: string, resourceVersion: string, value = '1') => ({
  type,
  object: { metadata: { uid: `uid-${name}`, name, resourceVersion }, data: { value } },
})
export const bookmark = (resourceVersion: string, annotations = {}) => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion, annotations } },
})
export const listAt = (resourceVersion: string, ...events: unknown[]) => ({
  lines: [...events, bookmark(resourceVersion, { 'k8s.io/initial-events-end': 'true' })],
})

/** Runs a reflector on a ScriptedClient until the test ends. */
export function reflectScript(
  steps: readonly Step[],
  options: Partial<Pick<ReflectorOptions<Item>, 'resumeFrom' | 'longestWatchS'>> = {},
  clock = new ManualClock(),
) {
  const client = new ScriptedClient(clock, steps)
  const recorder = new ReflectorRecorder()
  const end = new AbortController()
  const run = runReflector({
    client,
    clock,
    path: '/api/v1/configmaps',
    project: projectItem,
    handler: recorder,
    signal: end.signal,
    pageSize: 500,
    ...options,
  })
  onTestFinished(async () => {
    end.abort()
    await run
  })
  const queries = () => client.requests.map(({ query }) => query)
  const times = () => client.requests.map(({ atMs }) => atMs)
  return { clock, recorder, queries, times, end, run }
}
