/** One resource that the API serves. */
export interface ResourceType {
  /** '' is the core group. */
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** Whether its status can be written only through `/status`. */
  readonly statusSubresource: boolean
  /**
   * Whether it comes from a CustomResourceDefinition: the items of its lists then have apiVersion and kind, and its updates need a
   * resourceVersion.
   */
  readonly custom: boolean
  /** Whether its objects can be evicted. */
  readonly evictionSubresource?: true
  /** Whether its updates need a resourceVersion, and a PUT makes an object that does not exist, as those of a Lease. */
  readonly isSwapped?: true
}

const core = { group: '', version: 'v1', custom: false }

export const certificateRequests: ResourceType = {
  group: 'cert-manager.io',
  version: 'v1',
  plural: 'certificaterequests',
  kind: 'CertificateRequest',
  namespaced: true,
  statusSubresource: true,
  custom: true,
}

const ofTrustManager = { namespaced: false, statusSubresource: true, custom: true }

/** The custom resources of trust-manager. */
export const trustManagerResources: readonly ResourceType[] = [
  { ...ofTrustManager, group: 'trust.cert-manager.io', version: 'v1alpha1', plural: 'bundles', kind: 'Bundle' },
  {
    ...ofTrustManager,
    group: 'trust-manager.io',
    version: 'v1alpha2',
    plural: 'clusterbundles',
    kind: 'ClusterBundle',
  },
]

export const builtInResources: readonly ResourceType[] = [
  { ...core, plural: 'pods', kind: 'Pod', namespaced: true, statusSubresource: true, evictionSubresource: true },
  { ...core, plural: 'configmaps', kind: 'ConfigMap', namespaced: true, statusSubresource: false },
  { ...core, plural: 'secrets', kind: 'Secret', namespaced: true, statusSubresource: false },
  { ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false, statusSubresource: true },
  { ...core, plural: 'nodes', kind: 'Node', namespaced: false, statusSubresource: true },
  {
    ...core,
    group: 'storage.k8s.io',
    plural: 'csinodes',
    kind: 'CSINode',
    namespaced: false,
    statusSubresource: false,
  },
  {
    ...core,
    group: 'discovery.k8s.io',
    plural: 'endpointslices',
    kind: 'EndpointSlice',
    namespaced: true,
    statusSubresource: false,
  },
  {
    ...core,
    group: 'coordination.k8s.io',
    plural: 'leases',
    kind: 'Lease',
    namespaced: true,
    statusSubresource: false,
    isSwapped: true,
  },
  { ...core, group: 'events.k8s.io', plural: 'events', kind: 'Event', namespaced: true, statusSubresource: false },
  {
    ...core,
    group: 'policy',
    plural: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    namespaced: true,
    statusSubresource: true,
  },
]

export function apiVersionOf({ group, version }: ResourceType): string {
  return group === '' ? version : `${group}/${version}`
}

/** The resources that an API server serves at present. */
export class ServedResources implements Iterable<ResourceType> {
  readonly #types: Set<ResourceType>
  readonly #listeners = new Set<(type: ResourceType) => void>()

  constructor(types: Iterable<ResourceType>) {
    this.#types = new Set(types)
  }

  [Symbol.iterator](): Iterator<ResourceType> {
    return this.#types[Symbol.iterator]()
  }

  add(type: ResourceType): void {
    this.#types.add(type)
  }

  delete(type: ResourceType): void {
    if (this.#types.delete(type)) for (const listener of this.#listeners) listener(type)
  }

  /** Calls `listener` when the resource is no longer served. Returns a function that ends this. */
  onDeleted(type: ResourceType, listener: () => void): () => void {
    const whenDeleted = (deleted: ResourceType) => {
      if (deleted === type) listener()
    }
    this.#listeners.add(whenDeleted)
    return () => this.#listeners.delete(whenDeleted)
  }
}
