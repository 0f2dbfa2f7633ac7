import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import type { NamespaceObservation } from '../../ledger/workloads/observations.ts'
import { KubernetesObject } from '../kubernetesObject.ts'
import { isMuted } from '../mutedAnnotation.ts'
import { reflectedSource } from '../reflectedSource.ts'
import type { Source } from '../source.ts'

export interface NamespacesOptions {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
  /** The label of namespaces whose pods should all have SVIDs. Its value is then `expected`. */
  readonly namespaceLabel: string
}

/** Returns a source that watches namespaces and reports whether they expect SVIDs, and whether they are muted. */
export function createNamespaces({ namespaceLabel, ...options }: NamespacesOptions): Source {
  return reflectedSource({
    ...options,
    source: 'namespaces',
    path: '/api/v1/namespaces',
    project: (raw) => projectNamespace(raw, namespaceLabel),
    onObject: ({ object }, report) => report({ kind: 'namespace', namespace: object }),
    onDeleted: (uid, _resourceVersion, report) => report({ kind: 'namespaceDeleted', uid }),
  })
}

function projectNamespace(raw: unknown, label: string): NamespaceObservation {
  const metadata = new KubernetesObject(raw).object('metadata')
  return {
    uid: metadata.requiredName('uid'),
    name: metadata.requiredObjectName('name'),
    expectsSvids: metadata.object('labels').text(label) === 'expected',
    ...(isMuted(metadata) && { muted: true }),
  }
}
