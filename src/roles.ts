import type { Clock } from './clock.ts'
import type { Config } from './config/config.ts'
import type { Role } from './config/roles.ts'
import type { KubernetesClient } from './kubernetes/client.ts'
import type { SourceName } from './ledger/observations.ts'
import { createCertificateRequests } from './sources/certificateRequests/certificateRequests.ts'
import { createFiles } from './sources/files/files.ts'
import { createMountedSvids } from './sources/mountedSvids/mountedSvids.ts'
import { createPods } from './sources/pods/pods.ts'
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

export const createSource: Record<SourceName, (surroundings: Surroundings) => Source> = {
  certificateRequests: ({ client, clock, config, resumeFrom }) =>
    createCertificateRequests({
      client: client(),
      clock,
      pageSize: config.kubernetes.pageSize,
      resumeFrom: resumeFrom(),
    }),
  pods: ({ client, clock, config }) =>
    createPods({ client: client(), clock, pageSize: config.kubernetes.pageSize, drivers: config.drivers }),
  mountedSvids: ({ clock, config }) => createMountedSvids({ clock, drivers: config.drivers, ...config.mountedSvids }),
  files: ({ clock, config }) => createFiles({ clock, files: config.files }),
}
