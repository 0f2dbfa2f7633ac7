import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import type { SourceName } from '../../ledger/sight/observations.ts'
import type { BundleApi, BundleObjectObservation } from '../../ledger/trust/observations.ts'
import { printable } from '../../text/printable.ts'
import { KubernetesObject } from '../kubernetesObject.ts'
import { reflectedSource } from '../reflectedSource.ts'
import type { Source } from '../source.ts'

export interface TrustManagerOptions {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
}

/** Returns a source that watches trust-manager's Bundles, and reports whether each is synced. */
export const createTrustManagerBundles = (options: TrustManagerOptions): Source =>
  createSource(options, 'trustManagerBundles', 'Bundle', '/apis/trust.cert-manager.io/v1alpha1/bundles')

/** Returns a source that watches trust-manager's ClusterBundles, and reports whether each is synced. */
export const createTrustManagerClusterBundles = (options: TrustManagerOptions): Source =>
  createSource(options, 'trustManagerClusterBundles', 'ClusterBundle', '/apis/trust-manager.io/v1alpha2/clusterbundles')

function createSource(options: TrustManagerOptions, source: SourceName, api: BundleApi, path: string): Source {
  return reflectedSource({
    ...options,
    source,
    path,
    project: (raw) => projectBundle(raw, api),
    onObject: ({ object }, report) => report({ kind: 'bundleObject', object }),
    onDeleted: (uid, _resourceVersion, report) => report({ kind: 'bundleObjectDeleted', uid }),
  })
}

function projectBundle(raw: unknown, api: BundleApi): BundleObjectObservation {
  const object = new KubernetesObject(raw)
  const metadata = object.object('metadata')
  const synced = syncedOf(object.object('status'))
  return {
    uid: metadata.requiredName('uid'),
    api,
    name: metadata.requiredObjectName('name'),
    ...(synced && { synced }),
  }
}

/** Reasons of conditions (metav1.Condition), as far as they are short enough to be shown whole. */
const reasonPattern = /^[A-Za-z](?:[A-Za-z0-9_]{0,61}[A-Za-z0-9])?$/

function syncedOf(status: KubernetesObject): BundleObjectObservation['synced'] {
  const condition = status.objects('conditions').find((one) => one.text('type') === 'Synced')
  const is = condition?.text('status')
  if (condition === undefined || (is !== 'True' && is !== 'False')) return undefined
  const reason = condition.text('reason') ?? ''
  const sinceMs = condition.time('lastTransitionTime')
  return {
    is: is === 'True',
    reason: reasonPattern.test(reason) ? reason : '',
    message: printable(condition.text('message') ?? ''),
    ...(sinceMs !== undefined && { sinceMs }),
  }
}
