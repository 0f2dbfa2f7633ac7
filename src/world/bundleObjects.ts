import { hash } from 'node:crypto'
import type { KubernetesObject } from './apiServer/object.ts'
import { kubernetesTime } from './certificateRequest.ts'

/** The only Bundle of this world. Its ConfigMaps have its name. */
export const bundleName = 'spiffe-ca'

/** The key of the ConfigMaps under which the certificates are. */
const bundleKey = 'ca.crt'

const apiVersion = 'trust.cert-manager.io/v1alpha1'

/** Returns the Bundle, whose source is the Secret of the CA, before trust-manager has seen it. */
export function bundleObject(uid: string): KubernetesObject {
  return {
    ...{ apiVersion, kind: 'Bundle', metadata: { name: bundleName, uid } },
    spec: {
      sources: [{ secret: { name: bundleName, key: 'tls.crt' } }],
      target: { configMap: { key: bundleKey } },
    },
  }
}

/** The condition `Synced`, as trust-manager 0.25 writes it. */
export interface SyncedCondition {
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

export const synced: SyncedCondition = {
  status: 'True',
  reason: 'Synced',
  message: 'Successfully synced Bundle to all namespaces',
}

export const sourceNotFound: SyncedCondition = {
  status: 'False',
  reason: 'SourceNotFound',
  message: `Bundle source was not found: secrets "${bundleName}" not found`,
}

/** Returns the Bundle with this condition, whose time changes only with its status. */
export function withSynced(bundle: KubernetesObject, condition: SyncedCondition, nowMs: number): KubernetesObject {
  const { conditions = [] } = (bundle['status'] ?? {}) as {
    conditions?: (SyncedCondition & { lastTransitionTime: string })[]
  }
  const [before] = conditions
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : kubernetesTime(nowMs)
  return { ...bundle, status: { conditions: [{ type: 'Synced', ...condition, lastTransitionTime }] } }
}

/** Returns the ConfigMap that trust-manager writes into a namespace. */
export function bundleCopy(namespace: string, bundleUid: string, pem: string): KubernetesObject {
  const owner = { apiVersion, kind: 'Bundle', name: bundleName, uid: bundleUid, controller: true }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      ...{ name: bundleName, namespace },
      labels: { 'trust.cert-manager.io/bundle': bundleName },
      annotations: { 'trust.cert-manager.io/hash': hash('sha256', pem) },
      ownerReferences: [owner],
    },
    data: { [bundleKey]: pem },
  }
}

/** Returns the same ConfigMap with other certificates, as somebody leaves it who edits it. */
export const edited = (copy: KubernetesObject, pem: string): KubernetesObject => ({
  ...copy,
  data: { [bundleKey]: pem },
})

/** Returns the certificates of such a ConfigMap, PEM; undefined if it is not there or has none. */
export function certificatesIn(copy: KubernetesObject | undefined): string | undefined {
  const { [bundleKey]: pem } = (copy?.['data'] ?? {}) as Partial<Record<string, string>>
  return pem
}
