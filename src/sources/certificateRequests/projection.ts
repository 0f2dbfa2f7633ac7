import type { RequestObservation } from '../../ledger/issuance/observations.ts'
import { invalidIssuer, issuerName, objectNamePattern } from '../../text/kubernetesNames.ts'
import { printable } from '../../text/printable.ts'
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
  const namespace = intern(metadata.requiredObjectName('namespace'))
  const named = { uid: metadata.requiredName('uid'), namespace, name: metadata.requiredObjectName('name') }
  if ('unread' in identity) return { unread: named, rejections }
  const owner = ownerOf(metadata)
  const referred = issuerOf(object.object('spec'), namespace)
  const request = {
    ...named,
    resourceVersion: metadata.requiredName('resourceVersion'),
    issuer: referred.issuer,
    createdMs: metadata.time('creationTimestamp') ?? 0,
    volumeHash: metadata.object('labels').labelValue('csi.cert-manager.io/volume-id-hash') ?? '',
    ...progressOf(object.object('status')),
    ...identity,
    ...(owner && { owner }),
  }
  return { request, rejections: [...rejections, ...referred.rejections] }
}

/**
 * Returns the pod that owns a request. csi-lib sets it on the requests that it makes. The API server does not check names of owners, and
 * whatever has another name than a pod is none.
 */
function ownerOf(metadata: KubernetesObject): RequestObservation['owner'] {
  const pod = metadata.objects('ownerReferences').find((owner) => owner.text('kind') === 'Pod')
  const podName = pod?.text('name') ?? ''
  return pod && objectNamePattern.test(podName) ? { podUid: pod.requiredName('uid'), podName } : undefined
}

/** Returns the name of the issuer, and what is wrong with the reference to it. */
function issuerOf(spec: KubernetesObject, namespace: string): { issuer: string; rejections: readonly Rejection[] } {
  const fields = spec.object('issuerRef')
  const [kind = '', group = '', name = ''] = [fields.text('kind'), fields.text('group'), fields.text('name')]
  const issuer = intern(issuerName({ kind, group, name }, namespace))
  if (issuer !== invalidIssuer) return { issuer, rejections: [] }
  const given = printable(JSON.stringify({ kind, group, name }), { as: 'questionMarks' })
  return { issuer, rejections: [{ reason: 'invalid_issuer_name', detail: `spec.issuerRef: ${given}` }] }
}
