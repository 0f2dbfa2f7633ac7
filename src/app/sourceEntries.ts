import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { FileCalls } from '../files/fileCalls.ts'
import type { KubernetesClient } from '../kubernetes/client.ts'
import type { RememberedBundle } from '../ledger/bundles/remembered.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import type { Role } from '../role.ts'
import type { PodRoute } from '../sources/servedSvids/probing.ts'
import type { Source } from '../sources/source.ts'
import { knownAgentsOf } from './agents.ts'
import type { SharedAmongSources } from './sharedAmongSources.ts'

/** The dependencies of sources. */
export interface SourceContext {
  readonly config: Config
  readonly clock: Clock
  readonly files: FileCalls
  /** Returns the client of the API server. Throws if this process has none. Only sources of Kubernetes objects call it. */
  readonly client: () => KubernetesClient
  /**
   * Returns the resourceVersion from which the watch of CertificateRequests resumes, in the whole cluster or in one namespace;
   * undefined to start without one.
   */
  readonly resumeFrom: (namespace: string | undefined) => string | undefined
  /** Returns the newest bundle of a trust domain that an earlier process has stored. */
  readonly remembered: (trustDomain: string) => RememberedBundle | undefined
  readonly shared: SharedAmongSources
  readonly podRoute?: PodRoute | undefined
}

/** The roles that have a source, and how the source is created. */
interface SourceEntry {
  readonly roles: readonly Role[]
  /** Reports whether the settings name something for the source to watch. Without this function, they always do. */
  readonly isConfigured?: (config: Config, roles: readonly Role[]) => boolean
  /** The source watches objects that no right in a namespace covers: it does not run if `kubernetes.namespaces` is set. */
  readonly needsCluster?: true
  /** Loads and creates the source. Its code is loaded only here, since the Kubernetes sources take the most memory of all. */
  readonly create: (context: SourceContext) => Promise<Source>
}

/** All sources, in the order in which they start. */
export const sourceEntries: Readonly<Record<SourceName, SourceEntry>> = {
  certificateRequests: {
    roles: ['cluster'],
    async create(context) {
      const { createCertificateRequests } = await import('../sources/certificateRequests/certificateRequests.ts')
      return createCertificateRequests({ ...apiOf(context), ...namespacesOf(context), resumeFrom: context.resumeFrom })
    },
  },
  pods: {
    roles: ['cluster'],
    async create(context) {
      const { createPods } = await import('../sources/pods/pods.ts')
      const { agents, coverage } = context.config
      const knownAgents = knownAgentsOf(context.config)
      const options = { drivers: driverNames(context.config), agents, knownAgents, agentSockets: coverage.agentSockets }
      const { shared, config } = context
      const probes = shared.probedPods && { pods: shared.probedPods, portNames: config.servedSvids.portNames }
      return createPods({ ...apiOf(context), ...namespacesOf(context), ...options, probes })
    },
  },
  namespaces: {
    roles: ['cluster'],
    needsCluster: true,
    async create(context) {
      const { createNamespaces } = await import('../sources/clusterObjects/namespaces.ts')
      return createNamespaces({ ...apiOf(context), namespaceLabel: context.config.coverage.namespaceLabel })
    },
  },
  nodes: {
    roles: ['cluster'],
    needsCluster: true,
    async create(context) {
      const { createNodes } = await import('../sources/clusterObjects/nodes.ts')
      return createNodes(apiOf(context))
    },
  },
  csiNodes: {
    roles: ['cluster'],
    needsCluster: true,
    async create(context) {
      const { createCsiNodes } = await import('../sources/clusterObjects/csiNodes.ts')
      return createCsiNodes({ ...apiOf(context), agents: context.config.agents })
    },
  },
  nodeFindings: {
    roles: ['cluster'],
    isConfigured: ({ nodeFindings }) => nodeFindings.service !== undefined,
    async create(context) {
      const { createFollowing } = await import('./following.ts')
      return createFollowing({ ...apiOf(context), settings: context.config.nodeFindings, files: context.files })
    },
  },
  mountedSvids: {
    roles: ['node'],
    async create({ clock, files, config }) {
      const { createMountedSvids } = await import('../sources/mountedSvids/mountedSvids.ts')
      return createMountedSvids({ clock, files, drivers: driverNames(config), ...config.mountedSvids })
    },
  },
  files: {
    roles: ['standalone'],
    isConfigured: ({ files }) => files.length > 0,
    async create({ clock, files, config }) {
      const { createFiles } = await import('../sources/files/files.ts')
      return createFiles({ clock, files, configured: config.files })
    },
  },
  servedSvids: {
    roles: ['cluster', 'standalone'],
    isConfigured: ({ servedSvids }, roles) =>
      servedSvids.targets.length > 0 || (servedSvids.pods && roles.includes('cluster')),
    async create({ clock, files, config, shared, podRoute }) {
      const { createServedSvids } = await import('../sources/servedSvids/servedSvids.ts')
      const { fetchedAuthorities } = await import('../sources/bundleEndpoints/fetchedAuthorities.ts')
      const authoritiesOf = fetchedAuthorities(shared.fetchedBundles)
      const pods = { pods: shared.probedPods, route: podRoute }
      return createServedSvids({ ...config.servedSvids, ...pods, clock, files, authoritiesOf })
    },
  },
  bundleEndpoints: {
    roles: ['cluster', 'standalone'],
    isConfigured: ({ bundleEndpoints }) => bundleEndpoints.length > 0,
    async create({ clock, files, config, remembered, shared }) {
      const { createBundleEndpoints } = await import('../sources/bundleEndpoints/bundleEndpoints.ts')
      const { fetchedBundles: fetched } = shared
      return createBundleEndpoints({ clock, files, endpoints: config.bundleEndpoints, remembered, fetched })
    },
  },
  trustManagerBundles: {
    roles: ['cluster'],
    needsCluster: true,
    async create(context) {
      const { createTrustManagerBundles } = await import('../sources/trustBundles/trustManager.ts')
      return createTrustManagerBundles(apiOf(context))
    },
  },
  trustManagerClusterBundles: {
    roles: ['cluster'],
    needsCluster: true,
    async create(context) {
      const { createTrustManagerClusterBundles } = await import('../sources/trustBundles/trustManager.ts')
      return createTrustManagerClusterBundles(apiOf(context))
    },
  },
  trustBundles: {
    roles: ['cluster'],
    isConfigured: ({ trustBundles }) => trustBundles.names.length > 0,
    async create(context) {
      const { createTrustBundles } = await import('../sources/trustBundles/configMaps.ts')
      return createTrustBundles({
        ...apiOf(context),
        ...namespacesOf(context),
        names: context.config.trustBundles.names,
      })
    },
  },
  clusterTrustBundles: {
    roles: ['cluster'],
    needsCluster: true,
    isConfigured: ({ trustBundles }) => trustBundles.clusterTrustBundles,
    async create(context) {
      const { createClusterTrustBundles } = await import('../sources/trustBundles/clusterTrustBundles.ts')
      return createClusterTrustBundles(apiOf(context))
    },
  },
}

/** Returns the options that all sources of Kubernetes objects share. */
function apiOf({ client, clock, config }: SourceContext) {
  return { client: client(), clock, pageSize: config.kubernetes.pageSize }
}

const namespacesOf = ({ config }: SourceContext) => ({ namespaces: config.kubernetes.namespaces })

/** Returns the names of the CSI drivers whose volumes hold SVIDs. */
const driverNames = ({ drivers }: Config): readonly string[] => drivers.map(({ name }) => name)
