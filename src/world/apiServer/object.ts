/** A Kubernetes object as JSON carries it. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: ObjectMetadata
  [field: string]: unknown
}

export interface ObjectMetadata {
  name: string
  namespace?: string | undefined
  uid?: string | undefined
  resourceVersion?: string | undefined
  creationTimestamp?: string | undefined
  labels?: Record<string, string> | undefined
  annotations?: Record<string, string> | undefined
  ownerReferences?: OwnerReference[] | undefined
  [field: string]: unknown
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
}

/** One state of an object, as text, so that readers cannot change it. */
export interface StoredObject {
  /** `namespace/name`, or the name of a cluster-scoped object. Lists are in the order of keys. */
  readonly key: string
  readonly namespace: string | undefined
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** The revision of the write that made this state: the object's resourceVersion. */
  readonly revision: number
  /** JSON that begins with apiVersion and kind, in this order. */
  readonly json: string
}

export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

/** Returns the state of the object after the write of `revision`. */
export function encodeObject(
  { apiVersion, kind, metadata, ...rest }: KubernetesObject,
  revision: number,
): StoredObject {
  const { name, namespace, labels = {} } = metadata
  const resourceVersion = String(revision)
  const json = JSON.stringify({ apiVersion, kind, metadata: { ...metadata, resourceVersion }, ...rest })
  return { key: objectKey(namespace, name), namespace, name, labels, revision, json }
}

export function decodeObject(stored: StoredObject): KubernetesObject {
  return JSON.parse(stored.json) as KubernetesObject
}
