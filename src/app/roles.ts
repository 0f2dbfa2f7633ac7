import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { Role } from '../role.ts'
import { SvidwatchError } from '../errors.ts'
import type { KubernetesClient } from '../kubernetes/client.ts'
import type { RememberedBundle } from '../ledger/bundles/remembered.ts'
import type { SourceName } from '../ledger/sight/observations.ts'
import type { Source } from '../sources/source.ts'

/** What sources are made from. */
export interface Surroundings {
  readonly config: Config
  readonly clock: Clock
  /** Is asked for only by sources of Kubernetes objects. Throws where the cluster's configuration cannot be read. */
  readonly client: () => KubernetesClient
  /** Where the CertificateRequests' history has to be taken up; asked when that source is made. */
  readonly resumeFrom: () => string | undefined
  /** The newest bundle of a trust domain that an earlier process has left. */
  readonly remembered: (trustDomain: string) => RememberedBundle | undefined
}

/** A role is a set of sources; some of them only where the settings name something for them to watch. */
export function sourcesOf(roles: readonly Role[], config: Config): readonly SourceName[] {
  const { files, nodeFindings } = config
  const where = (isConfigured: boolean, source: SourceName) => (isConfigured ? [source] : [])
  const bundleEndpoints = where(config.bundleEndpoints.length > 0, 'bundleEndpoints')
  const ofRole: Record<Role, readonly SourceName[]> = {
    cluster: [
      ...(['certificateRequests', 'pods', 'namespaces', 'nodes', 'csiNodes'] as const),
      ...where(nodeFindings.service !== undefined, 'nodeFindings'),
      ...bundleEndpoints,
    ],
    node: ['mountedSvids'],
    standalone: [...where(files.length > 0, 'files'), ...bundleEndpoints],
  }
  return roles.flatMap((role) => ofRole[role])
}

/** The pure node role leaves the series of single SVIDs to the cluster role, which knows the pods' names. */
export const exportsSvids = (roles: readonly Role[]): boolean => roles.some((role) => role !== 'node')

/** The agents whose volumes hold SVIDs, by name. */
export const svidAgentsOf = (config: Config): readonly string[] => {
  const drivers = driverNames(config)
  return config.agents.filter(({ driver }) => drivers.includes(driver)).map(({ name }) => name)
}

/** The CSI drivers whose volumes hold SVIDs, by name. */
const driverNames = ({ drivers }: Config): readonly string[] => drivers.map(({ name }) => name)

/** A role loads only what it needs: what reads Kubernetes objects takes more memory than all the rest. */
export const createSource: Record<SourceName, (surroundings: Surroundings) => Promise<Source>> = {
  async certificateRequests(surroundings) {
    const { createCertificateRequests } = await import('../sources/certificateRequests/certificateRequests.ts')
    return createCertificateRequests({ ...apiOf(surroundings), resumeFrom: surroundings.resumeFrom() })
  },
  async pods(surroundings) {
    const { createPods } = await import('../sources/pods/pods.ts')
    const { config } = surroundings
    const { agents, coverage } = config
    const drivers = driverNames(config)
    return createPods({ ...apiOf(surroundings), drivers, agents, agentSockets: coverage.agentSockets })
  },
  async namespaces(surroundings) {
    const { createNamespaces } = await import('../sources/clusterObjects/namespaces.ts')
    return createNamespaces({ ...apiOf(surroundings), namespaceLabel: surroundings.config.coverage.namespaceLabel })
  },
  async nodes(surroundings) {
    const { createNodes } = await import('../sources/clusterObjects/nodes.ts')
    return createNodes(apiOf(surroundings))
  },
  async csiNodes(surroundings) {
    const { createCsiNodes } = await import('../sources/clusterObjects/csiNodes.ts')
    return createCsiNodes({ ...apiOf(surroundings), agents: surroundings.config.agents })
  },
  async nodeFindings(surroundings) {
    const { createNodeFindings } = await import('../sources/nodeFindings/nodeFindings.ts')
    const { TokenSigner } = await import('../nodeStream/tokens.ts')
    const { service, signingKey } = surroundings.config.nodeFindings
    if (service === undefined || signingKey === undefined)
      throw new SvidwatchError('config_invalid', 'nodeFindings: service and signingKey are needed to follow node roles')
    const signer = new TokenSigner(signingKey, surroundings.clock)
    return createNodeFindings({ ...apiOf(surroundings), service, signer })
  },
  async bundleEndpoints({ clock, config, remembered }) {
    const { createBundleEndpoints } = await import('../sources/bundleEndpoints/bundleEndpoints.ts')
    return createBundleEndpoints({ clock, endpoints: config.bundleEndpoints, remembered })
  },
  async mountedSvids({ clock, config }) {
    const { createMountedSvids } = await import('../sources/mountedSvids/mountedSvids.ts')
    return createMountedSvids({ clock, drivers: driverNames(config), ...config.mountedSvids })
  },
  async files({ clock, config }) {
    const { createFiles } = await import('../sources/files/files.ts')
    return createFiles({ clock, files: config.files })
  },
}

/** What every source of Kubernetes objects is made from. */
function apiOf({ client, clock, config }: Surroundings) {
  return { client: client(), clock, pageSize: config.kubernetes.pageSize }
}
