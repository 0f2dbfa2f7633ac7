import { resolveConfig } from '../../../src/config/resolve.ts'
import { namespaceObject } from '../../../src/world/cluster.ts'
import { nodeObject } from '../../../src/world/nodes.ts'
import type { SourceName } from '../../../src/ledger/sight/observations.ts'
import { createCertificateRequests } from '../../../src/sources/certificateRequests/certificateRequests.ts'
import { createCsiNodes } from '../../../src/sources/clusterObjects/csiNodes.ts'
import { createNamespaces } from '../../../src/sources/clusterObjects/namespaces.ts'
import { createNodes } from '../../../src/sources/clusterObjects/nodes.ts'
import { createPods } from '../../../src/sources/pods/pods.ts'
import { createClusterTrustBundles } from '../../../src/sources/trustBundles/clusterTrustBundles.ts'
import { createTrustBundles } from '../../../src/sources/trustBundles/configMaps.ts'
import {
  createTrustManagerBundles,
  createTrustManagerClusterBundles,
} from '../../../src/sources/trustBundles/trustManager.ts'
import type { Source } from '../../../src/sources/source.ts'
import type { Json } from './json.ts'
import type { Parts } from './observed.ts'
import { bundlePems, csiNodes, pods, requests, trustConfigMaps, trustManagerBundles } from './recorded.ts'

/** A kind of Kubernetes objects that is watched: its source, as svidwatch makes it unless it is told otherwise, and objects. */
export interface Kind {
  readonly source: SourceName
  /** As the API calls it. */
  readonly resource: string
  readonly create: (parts: Parts) => Source
  readonly recorded: readonly Json[]
}

const resolved = resolveConfig(undefined, 'defaults')
if ('problems' in resolved) throw new Error(resolved.problems.join('\n'))
const { agents, coverage } = resolved.config
const drivers = resolved.config.drivers.map(({ name }) => name)
const { agentSockets, namespaceLabel } = coverage

/** An object as the API server would send it. */
export function sent(object: { readonly metadata: object; readonly spec?: object }): Json {
  const metadata = { uid: '4007dcb5-5de2-4d10-aca9-9e9d6f300ea5', resourceVersion: '7', ...object.metadata }
  return JSON.parse(JSON.stringify({ ...object, metadata })) as Json
}

export const node = sent(nodeObject({ name: 'node-9', uid: '4007dcb5-5de2-4d10-aca9-9e9d6f300ea5' }))

export const kinds: readonly Kind[] = [
  {
    source: 'certificateRequests',
    resource: 'certificaterequests',
    create: createCertificateRequests,
    recorded: requests,
  },
  {
    source: 'pods',
    resource: 'pods',
    create: (parts) => createPods({ ...parts, drivers, agents, agentSockets }),
    recorded: pods,
  },
  {
    source: 'namespaces',
    resource: 'namespaces',
    create: (parts) => createNamespaces({ ...parts, namespaceLabel }),
    recorded: [sent(namespaceObject('team-a'))],
  },
  { source: 'nodes', resource: 'nodes', create: createNodes, recorded: [node] },
  {
    source: 'csiNodes',
    resource: 'csinodes',
    create: (parts) => createCsiNodes({ ...parts, agents }),
    recorded: csiNodes,
  },
  {
    source: 'trustManagerBundles',
    resource: 'bundles',
    create: createTrustManagerBundles,
    recorded: trustManagerBundles,
  },
]

/** Those that are watched only if the settings or the cluster say so. */
export const optionalKinds: readonly Kind[] = [
  {
    source: 'trustManagerClusterBundles',
    resource: 'clusterbundles',
    create: createTrustManagerClusterBundles,
    recorded: trustManagerBundles,
  },
  {
    source: 'trustBundles',
    resource: 'configmaps',
    create: (parts) => createTrustBundles({ ...parts, names: ['spiffe-ca'] }),
    recorded: trustConfigMaps,
  },
  {
    source: 'clusterTrustBundles',
    resource: 'clustertrustbundles',
    create: createClusterTrustBundles,
    recorded: bundlePems.slice(0, 3).map((trustBundle) => sent({ metadata: { name: 'ca' }, spec: { trustBundle } })),
  },
]
