import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { SvidwatchError } from '../errors.ts'
import type { KubernetesClient } from '../kubernetes/client.ts'
import type { RememberedBundle } from '../ledger/bundles/remembered.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import type { Role } from '../role.ts'
import type { Source } from '../sources/source.ts'

/** What sources are made from. */
export interface SourceContext {
  readonly config: Config
  readonly clock: Clock
  /** Is asked for only by sources of Kubernetes objects. Throws where the cluster's configuration cannot be read. */
  readonly client: () => KubernetesClient
  /** Where the CertificateRequests' history has to be taken up; asked when that source is made. */
  readonly resumeFrom: () => string | undefined
  /** The newest bundle of a trust domain that an earlier process has left. */
  readonly remembered: (trustDomain: string) => RememberedBundle | undefined
}

/** Which roles watch with a source, and how it is made. */
interface SourceEntry {
  readonly roles: readonly Role[]
  /** Reports whether the settings name something for it to watch; without it, there always is. */
  readonly isConfigured?: (config: Config) => boolean
  /** Loads the source and makes it: what reads Kubernetes objects takes more memory than all the rest. */
  readonly create: (context: SourceContext) => Promise<Source>
}

/** Every source, in the order in which they start. */
export const sourceEntries: Readonly<Record<SourceName, SourceEntry>> = {
  certificateRequests: {
    roles: ['cluster'],
    async create(context) {
      const { createCertificateRequests } = await import('../sources/certificateRequests/certificateRequests.ts')
      return createCertificateRequests({ ...apiOf(context), resumeFrom: context.resumeFrom() })
    },
  },
  pods: {
    roles: ['cluster'],
    async create(context) {
      const { createPods } = await import('../sources/pods/pods.ts')
      const { agents, coverage } = context.config
      const drivers = driverNames(context.config)
      return createPods({ ...apiOf(context), drivers, agents, agentSockets: coverage.agentSockets })
    },
  },
  namespaces: {
    roles: ['cluster'],
    async create(context) {
      const { createNamespaces } = await import('../sources/clusterObjects/namespaces.ts')
      return createNamespaces({ ...apiOf(context), namespaceLabel: context.config.coverage.namespaceLabel })
    },
  },
  nodes: {
    roles: ['cluster'],
    async create(context) {
      const { createNodes } = await import('../sources/clusterObjects/nodes.ts')
      return createNodes(apiOf(context))
    },
  },
  csiNodes: {
    roles: ['cluster'],
    async create(context) {
      const { createCsiNodes } = await import('../sources/clusterObjects/csiNodes.ts')
      return createCsiNodes({ ...apiOf(context), agents: context.config.agents })
    },
  },
  nodeFindings: {
    roles: ['cluster'],
    isConfigured: ({ nodeFindings }) => nodeFindings.service !== undefined,
    async create(context) {
      const { createNodeFindings } = await import('../sources/nodeFindings/nodeFindings.ts')
      const { TokenSigner } = await import('../nodeStream/tokens.ts')
      const { service, signingKey } = context.config.nodeFindings
      if (service === undefined || signingKey === undefined)
        throw new SvidwatchError(
          'config_invalid',
          'nodeFindings: service and signingKey are needed to follow node roles',
        )
      return createNodeFindings({ ...apiOf(context), service, signer: new TokenSigner(signingKey, context.clock) })
    },
  },
  mountedSvids: {
    roles: ['node'],
    async create({ clock, config }) {
      const { createMountedSvids } = await import('../sources/mountedSvids/mountedSvids.ts')
      return createMountedSvids({ clock, drivers: driverNames(config), ...config.mountedSvids })
    },
  },
  files: {
    roles: ['standalone'],
    isConfigured: ({ files }) => files.length > 0,
    async create({ clock, config }) {
      const { createFiles } = await import('../sources/files/files.ts')
      return createFiles({ clock, files: config.files })
    },
  },
  bundleEndpoints: {
    roles: ['cluster', 'standalone'],
    isConfigured: ({ bundleEndpoints }) => bundleEndpoints.length > 0,
    async create({ clock, config, remembered }) {
      const { createBundleEndpoints } = await import('../sources/bundleEndpoints/bundleEndpoints.ts')
      return createBundleEndpoints({ clock, endpoints: config.bundleEndpoints, remembered })
    },
  },
}

/** What every source of Kubernetes objects is made from. */
function apiOf({ client, clock, config }: SourceContext) {
  return { client: client(), clock, pageSize: config.kubernetes.pageSize }
}

/** The CSI drivers whose volumes hold SVIDs, by name. */
const driverNames = ({ drivers }: Config): readonly string[] => drivers.map(({ name }) => name)
