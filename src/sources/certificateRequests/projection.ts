import type { RequestObservation } from '../../ledger/issuance/observations.ts'
import { KubernetesObject } from '../kubernetesObject.ts'
import { intern } from '../sharedStrings.ts'
import { progressOf } from './conditions.ts'
import { identityOf, type Rejection } from './identity.ts'

/** What the ledger needs of one CertificateRequest, and the fields that could not be read. */
export type ProjectedRequest = (
  | { readonly request: RequestObservation }
  /** The name of a request of which nobody can say whether it asks for an SVID. */
  | { readonly request?: undefined; readonly unread: RequestName }
) & { readonly rejections: readonly Rejection[] }

export type RequestName = Pick<RequestObservation, 'uid' | 'namespace' | 'name'>

/** Projects a CertificateRequest (cert-manager.io/v1); undefined if it does not ask for an SVID. */
export function projectRequest(raw: unknown): ProjectedRequest | undefined {
  const object = new KubernetesObject(raw)
  const found = identityOf(object)
  if (found === undefined) return undefined
  const { rejections, ...identity } = found
  const metadata = object.object('metadata')
  const namespace = intern(metadata.requiredName('namespace'))
  const named = { uid: metadata.requiredName('uid'), namespace, name: metadata.requiredName('name') }
  if ('unread' in identity) return { unread: named, rejections }
  const owner = ownerOf(metadata)
  const request = {
    ...named,
    resourceVersion: metadata.requiredName('resourceVersion'),
    issuer: intern(issuerOf(object.object('spec').object('issuerRef'), namespace)),
    createdMs: metadata.time('creationTimestamp') ?? 0,
    volumeHash: metadata.object('labels').name('csi.cert-manager.io/volume-id-hash') ?? '',
    ...progressOf(object.object('status')),
    ...identity,
    ...(owner && { owner }),
  }
  return { request, rejections }
}

/** Returns the pod that owns a request. csi-lib sets it on the requests that it makes. */
function ownerOf(metadata: KubernetesObject): RequestObservation['owner'] {
  const pod = metadata.objects('ownerReferences').find((owner) => owner.text('kind') === 'Pod')
  return pod && { podUid: pod.requiredName('uid'), podName: pod.requiredName('name') }
}

/** Returns a name such as `ClusterIssuer/spiffe-ca`. That of an Issuer has its namespace. The defaults are cert-manager's. */
function issuerOf(reference: KubernetesObject, namespace: string): string {
  const kind = reference.name('kind') ?? 'Issuer'
  const group = reference.name('group') ?? 'cert-manager.io'
  const name = reference.name('name') ?? ''
  if (group !== 'cert-manager.io') return `${kind}.${group}/${name}`
  return kind === 'Issuer' ? `Issuer/${namespace}/${name}` : `${kind}/${name}`
}
