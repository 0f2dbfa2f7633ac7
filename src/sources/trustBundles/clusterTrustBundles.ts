import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import type { BundleCopyObservation } from '../../ledger/trust/observations.ts'
import { KubernetesObject } from '../kubernetesObject.ts'
import { reflectedSource } from '../reflectedSource.ts'
import type { Source } from '../source.ts'
import { contentOf } from './content.ts'
import { writtenMs } from './written.ts'

export interface ClusterTrustBundlesOptions {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
}

/** Returns a source that watches ClusterTrustBundles (certificates.k8s.io/v1beta1), and reports the trust bundle in each. */
export function createClusterTrustBundles(options: ClusterTrustBundlesOptions): Source {
  return reflectedSource({
    ...options,
    source: 'clusterTrustBundles',
    path: '/apis/certificates.k8s.io/v1beta1/clustertrustbundles',
    project: projectClusterTrustBundle,
    onObject: ({ object }, report) => report({ kind: 'bundleCopy', copy: object }),
    onDeleted: (uid, _resourceVersion, report) => report({ kind: 'bundleCopyDeleted', uid }),
  })
}

function projectClusterTrustBundle(raw: unknown): BundleCopyObservation {
  const object = new KubernetesObject(raw)
  const metadata = object.object('metadata')
  const written = writtenMs(metadata)
  return {
    uid: metadata.requiredName('uid'),
    // One of a signer has the signer's name and a colon before its own.
    name: metadata.requiredName('name'),
    namespace: '',
    content: contentOf([['spec.trustBundle', object.object('spec').text('trustBundle') ?? '']]),
    ...(written !== undefined && { writtenMs: written }),
  }
}
