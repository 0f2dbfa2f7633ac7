/**
 * The workloads of the bench: pod and CertificateRequest of each, as recorded from a real cluster (test/fixtures/csi), under
 * names of their own. Workload i is always the same, whoever asks.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { KubernetesObject } from '../../src/world/apiServer/object.ts'
import { kubernetesTime, type CertificateRequest } from '../../src/world/certificateRequest.ts'
import { withCertificate, withDecision } from '../../src/world/verdicts.ts'
import { volumeHash } from '../../src/identity/volumeHash.ts'
import { createMint, type Mint } from './certificates.ts'

/** Who a workload is. */
export interface Workload {
  readonly index: number
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  readonly node: string
  readonly spiffeId: string
}

export const trustDomain = 'bench.example.org'
export const volume = 'spiffe'
export const namespaces = 50
const podsPerNode = 100

export const nodesFor = (workloads: number): number => Math.ceil(workloads / podsPerNode)
export const nodeName = (node: number): string => `node-${String(node).padStart(4, '0')}`
export const namespaceName = (namespace: number, prefix = 'team'): string =>
  `${prefix}-${String(namespace).padStart(2, '0')}`

/** `prefix` is that of its namespace's name. */
export function workloadOf(index: number, prefix?: string): Workload {
  const number = String(index).padStart(6, '0')
  const namespace = namespaceName(index % namespaces, prefix)
  return {
    index,
    namespace,
    pod: `app-${number}-5d4b8c7f9d-x2kqz`,
    podUid: `${index.toString(16).padStart(8, '0')}-5d4b-4c7f-8d9e-000000000000`,
    node: nodeName(Math.floor(index / podsPerNode)),
    spiffeId: `spiffe://${trustDomain}/ns/${namespace}/sa/app-${number}`,
  }
}

const recorded = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/csi/${file}`, import.meta.url), 'utf8'))

const recordedPod = (
  recorded('pods-team-a.json') as { items: (KubernetesObject & { spec: object; status: { startTime: string } })[] }
).items[0]
const recordedRequest = recorded('cr-issued.json') as CertificateRequest

/** When the kubelet knew of the recorded pod, before it mounted the volume: ms since the Unix epoch. */
export const podStartMs = Date.parse(recordedPod?.status.startTime ?? '')

/** The Pod of a workload, as the API shows it while it runs. */
export function podOf({ namespace, pod, podUid, node, spiffeId }: Workload): KubernetesObject {
  if (recordedPod === undefined) throw new Error('test/fixtures/csi/pods-team-a.json has no pod')
  const { metadata, spec } = recordedPod
  return {
    ...recordedPod,
    metadata: { ...metadata, namespace, name: pod, uid: podUid, resourceVersion: undefined },
    // csi-driver-spiffe makes the SPIFFE ID from the service account.
    spec: { ...spec, nodeName: node, serviceAccountName: spiffeId.slice(spiffeId.lastIndexOf('/') + 1) },
  }
}

/** Makes the CertificateRequests of workloads, in each of the states that they go through. */
export class Requests {
  readonly #mint: Mint

  private constructor(mint: Mint) {
    this.#mint = mint
  }

  /** For workloads whose SPIFFE IDs are as long as `example`. */
  static async create(nowMs: number, example = workloadOf(0).spiffeId): Promise<Requests> {
    return new Requests(await createMint(example, nowMs))
  }

  /** What csi-driver-spiffe has just created; each time under another name. */
  pending({ namespace, pod, podUid, spiffeId }: Workload, nowMs: number): CertificateRequest {
    const { metadata, spec, apiVersion, kind } = recordedRequest
    return {
      apiVersion,
      kind,
      metadata: {
        ...metadata,
        namespace,
        name: randomUUID(),
        uid: undefined,
        resourceVersion: undefined,
        creationTimestamp: kubernetesTime(nowMs),
        annotations: { 'spiffe.csi.cert-manager.io/identity': spiffeId },
        labels: { ...metadata.labels, 'csi.cert-manager.io/volume-id-hash': volumeHash(podUid, volume) },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: pod, uid: podUid }],
        managedFields: [managedBy('csi-driver-spiffe', nowMs)],
      },
      spec: { ...spec, request: Buffer.from(this.#mint.requestPem(spiffeId)).toString('base64') },
    }
  }

  /** What the approver makes of a pending one. */
  approved(pending: CertificateRequest, nowMs: number): CertificateRequest {
    return withDecision(pending, undefined, nowMs)
  }

  /** What cert-manager makes of an approved one. */
  issued(approved: CertificateRequest, { spiffeId }: Workload, nowMs: number): CertificateRequest {
    return withCertificate(approved, this.#mint.certificatePem(spiffeId, nowMs), this.#mint.authorityPem, nowMs)
  }
}

/** The API server says in each object who owns which of its fields; that nobody here reads it does not make it shorter. */
function managedBy(manager: string, nowMs: number) {
  const owned = ['duration', 'issuerRef', 'request', 'usages'].map((field) => [`f:${field}`, {}])
  const metadata = { 'f:annotations': {}, 'f:labels': {}, 'f:ownerReferences': {} }
  return {
    manager,
    operation: 'Update',
    apiVersion: 'cert-manager.io/v1',
    time: kubernetesTime(nowMs),
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:metadata': metadata, 'f:spec': Object.fromEntries(owned) as object },
  }
}
