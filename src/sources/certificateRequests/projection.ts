import type { RequestObservation } from '../../ledger/issuance/observations.ts'
import { KubernetesObject } from '../kubernetesObject.ts'
import { shared } from '../sharedStrings.ts'
import { progressOf } from './conditions.ts'
import { identityOf, type Rejection } from './identity.ts'

/** What is kept of one CertificateRequest, and what in it could not be read. */
export interface ProjectedRequest {
  readonly request: RequestObservation
  readonly rejections: readonly Rejection[]
}

/** Keeps what the ledger needs of a CertificateRequest (cert-manager.io/v1); undefined where it asks for no SVID. */
export function projectRequest(raw: unknown): ProjectedRequest | undefined {
  const object = new KubernetesObject(raw)
  const identity = identityOf(object)
  if (identity === undefined) return undefined
  const { rejections, ...whose } = identity
  const metadata = object.object('metadata')
  const namespace = shared(metadata.requiredName('namespace'))
  const owner = ownerOf(metadata)
  const request = {
    uid: metadata.requiredName('uid'),
    resourceVersion: metadata.requiredName('resourceVersion'),
    namespace,
    name: metadata.requiredName('name'),
    issuer: shared(issuerOf(object.object('spec').object('issuerRef'), namespace)),
    createdMs: metadata.time('creationTimestamp') ?? 0,
    volumeHash: metadata.object('labels').name('csi.cert-manager.io/volume-id-hash') ?? '',
    ...progressOf(object.object('status')),
    ...whose,
    ...(owner && { owner }),
  }
  return { request, rejections }
}

/** A request that csi-lib makes is owned by its pod. */
function ownerOf(metadata: KubernetesObject): RequestObservation['owner'] {
  const pod = metadata.objects('ownerReferences').find((owner) => owner.text('kind') === 'Pod')
  return pod && { podUid: pod.requiredName('uid'), podName: pod.requiredName('name') }
}

/** An Issuer's name is unique in its namespace only; kind and group have cert-manager's defaults. */
function issuerOf(reference: KubernetesObject, namespace: string): string {
  const kind = reference.name('kind') ?? 'Issuer'
  const group = reference.name('group') ?? 'cert-manager.io'
  const name = reference.name('name') ?? ''
  if (group !== 'cert-manager.io') return `${kind}.${group}/${name}`
  return kind === 'Issuer' ? `Issuer/${namespace}/${name}` : `${kind}/${name}`
}
