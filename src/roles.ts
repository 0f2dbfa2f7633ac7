import type { Clock } from './clock.ts'
import type { Config } from './config/config.ts'
import type { Role } from './config/roles.ts'
import type { KubernetesClient } from './kubernetes/client.ts'
import type { SourceName } from './ledger/observations.ts'
import type { Source } from './sources/source.ts'

/** What sources are made from. */
export interface Surroundings {
  readonly config: Config
  readonly clock: Clock
  /** Is asked for only by sources of Kubernetes objects. Throws where the cluster's configuration cannot be read. */
  readonly client: () => KubernetesClient
  /** Where the CertificateRequests' history has to be taken up; asked when that source is made. */
  readonly resumeFrom: () => string | undefined
}

/** A role is a set of sources. */
export const sourcesOfRole = {
  cluster: ['certificateRequests', 'pods'],
  node: ['mountedSvids'],
  standalone: ['files'],
} as const satisfies Record<Role, readonly SourceName[]>

/** The pure node role leaves the series of single SVIDs to the cluster role, which knows the pods' names. */
export const exportsSvids = (roles: readonly Role[]): boolean => roles.some((role) => role !== 'node')

/** A role loads only what it needs: what reads Kubernetes objects takes more memory than all the rest. */
export const createSource: Record<SourceName, (surroundings: Surroundings) => Promise<Source>> = {
  async certificateRequests({ client, clock, config, resumeFrom }) {
    const { createCertificateRequests } = await import('./sources/certificateRequests/certificateRequests.ts')
    const { pageSize } = config.kubernetes
    return createCertificateRequests({ client: client(), clock, pageSize, resumeFrom: resumeFrom() })
  },
  async pods({ client, clock, config }) {
    const { createPods } = await import('./sources/pods/pods.ts')
    return createPods({ client: client(), clock, pageSize: config.kubernetes.pageSize, drivers: config.drivers })
  },
  async mountedSvids({ clock, config }) {
    const { createMountedSvids } = await import('./sources/mountedSvids/mountedSvids.ts')
    return createMountedSvids({ clock, drivers: config.drivers, ...config.mountedSvids })
  },
  async files({ clock, config }) {
    const { createFiles } = await import('./sources/files/files.ts')
    return createFiles({ clock, files: config.files })
  },
}
