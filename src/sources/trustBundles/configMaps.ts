import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import type { BundleCopyObservation } from '../../ledger/trust/observations.ts'
import { KubernetesObject } from '../kubernetesObject.ts'
import { reflectedSource } from '../reflectedSource.ts'
import { remembered } from '../remembered.ts'
import { intern } from '../sharedStrings.ts'
import type { Source } from '../source.ts'
import { contentOf, type NamedText } from './content.ts'
import { writtenMs } from './written.ts'

export interface TrustBundlesOptions {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
  /** The names of the ConfigMaps that hold trust bundles. Only these are asked for. */
  readonly names: readonly string[]
  /** The namespaces to watch one by one; undefined for the whole cluster. */
  readonly namespaces?: readonly string[] | undefined
}

/** Returns a source that watches the ConfigMaps of some names, and reports the trust bundle in each. */
export function createTrustBundles(options: TrustBundlesOptions): Source {
  return reflectedSource({
    ...options,
    source: 'trustBundles',
    path: '/api/v1/configmaps',
    project: projectConfigMap,
    onObject: ({ object }, report) => report({ kind: 'bundleCopy', copy: object }),
    onDeleted: (uid, _resourceVersion, report) => report({ kind: 'bundleCopyDeleted', uid }),
  })
}

/** Copies in other namespaces have the same texts. */
const contentOfJson = remembered((json) => contentOf(JSON.parse(json) as readonly NamedText[]))

function projectConfigMap(raw: unknown): BundleCopyObservation {
  const object = new KubernetesObject(raw)
  const metadata = object.object('metadata')
  const written = writtenMs(metadata)
  return {
    uid: metadata.requiredName('uid'),
    name: intern(metadata.requiredObjectName('name')),
    namespace: intern(metadata.requiredObjectName('namespace')),
    content: contentOfJson(JSON.stringify(object.texts('data'))),
    ...(written !== undefined && { writtenMs: written }),
  }
}
