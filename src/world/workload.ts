import { randomUUID } from 'node:crypto'
import { labelHash, volumeHash } from '../identity/volumeHash.ts'
import { spiffeDriver } from '../config/spiffeDriver.ts'
import type { OwnerReference } from './apiServer/object.ts'
import { goDuration, type CertificateRequest } from './certificateRequest.ts'
import type { NodeIdentity } from './nodes.ts'
import type { PodPlan, Serving } from './population.ts'

const trustDomain = 'example.org'

/** A pod with a volume of csi-driver-spiffe. */
export interface Workload {
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  readonly node: NodeIdentity
  readonly serviceAccount: string
  readonly volume: string
  /** The SPIFFE ID that is requested for it; the approver may deny it. */
  readonly spiffeId: string
  readonly labels?: Readonly<Record<string, string>>
  /** What brings the pod back when it is deleted; left out if nothing does. */
  readonly controller?: OwnerReference
  /** The address of the pod, where a world has given it one. */
  readonly podIp?: string
  readonly serves?: Serving
  /** The container mounts the certificate alone, by subPath. */
  readonly bySubPath?: true
}

/** Returns the planned workload on its node. A workload whose fate is `denied` asks for the SPIFFE ID of `admin`. */
export function workloadOf(plan: PodPlan, node: NodeIdentity, podIp?: string, controller?: OwnerReference): Workload {
  const { namespace, name: pod, serviceAccount, fate, serves, labels } = plan
  return {
    ...{ namespace, pod, podUid: randomUUID(), node, serviceAccount, volume: 'spiffe' },
    spiffeId: spiffeIdOf(namespace, fate === 'denied' ? 'admin' : serviceAccount),
    ...(podIp !== undefined && { podIp }),
    ...(controller !== undefined && { controller }),
    ...(labels !== undefined && { labels }),
    ...(serves !== undefined && { serves }),
    ...(fate === 'subPath' && { bySubPath: true }),
  }
}

/** Returns a workload that asks for its SPIFFE ID in another trust domain. */
export function ofTrustDomain(workload: Workload, other: string): Workload {
  const { pathname } = new URL(workload.spiffeId)
  return { ...workload, spiffeId: `spiffe://${other}${pathname}` }
}

export function spiffeIdOf(namespace: string, serviceAccount: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`
}

/** Returns the labels of every CertificateRequest for the workload's volume. */
export function volumeLabels({ podUid, node, volume }: Workload): Record<string, string> {
  return {
    'csi.cert-manager.io/node-id-hash': labelHash(node.name),
    'csi.cert-manager.io/volume-id-hash': volumeHash(podUid, volume),
  }
}

/** The one issuer of this world. */
export const issuerReference = { kind: 'ClusterIssuer', name: 'spiffe-ca' } as const

/**
 * Returns the CertificateRequest that csi-driver-spiffe creates with the pod's own token, with the fields about the requester that
 * cert-manager's webhook adds.
 */
export function newRequest(workload: Workload, signingRequestPem: string, lifetimeMs: number): CertificateRequest {
  const { namespace, pod, podUid, spiffeId } = workload
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'CertificateRequest',
    metadata: {
      name: randomUUID(),
      namespace,
      labels: volumeLabels(workload),
      annotations: { [`${spiffeDriver.name}/identity`]: spiffeId },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: pod, uid: podUid }],
    },
    spec: {
      duration: goDuration(lifetimeMs),
      issuerRef: { group: 'cert-manager.io', ...issuerReference },
      request: Buffer.from(signingRequestPem).toString('base64'),
      usages: ['digital signature', 'key encipherment', 'server auth', 'client auth'],
      ...requester(workload),
    },
  }
}

function requester({ namespace, pod, podUid, node, serviceAccount }: Workload) {
  return {
    username: `system:serviceaccount:${namespace}:${serviceAccount}`,
    uid: '',
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/node-name': [node.name],
      'authentication.kubernetes.io/node-uid': [node.uid],
      'authentication.kubernetes.io/pod-name': [pod],
      'authentication.kubernetes.io/pod-uid': [podUid],
    },
  }
}
