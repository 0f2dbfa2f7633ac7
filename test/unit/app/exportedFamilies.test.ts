import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FileStore } from '../../../src/checkpoint/fileStore.ts'
import { writeFindingsKeys } from '../../../src/world/nodeRoles.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { catalogue, declarationOf, namesOf, type MetricName } from '../../../src/metrics/catalogue.ts'
import type { Role } from '../../../src/role.ts'
import { familiesIn } from '../../support/exposition.ts'
import { metricsOf, runningApp } from '../../support/runningApp.ts'
import { worldOnHold } from '../../support/worldOnHold.ts'
import { realFiles } from '../../support/realFiles.ts'

const startingWith = (...beginnings: readonly string[]): readonly MetricName[] =>
  namesOf(catalogue).filter((name) => beginnings.some((beginning) => name.startsWith(beginning)))

/** What describes single copies of SVIDs, and counts them. */
const copies = startingWith('spire_svid_', 'spiffe_svid').filter(
  (name) => !/_(unreadable|drift|refused|mount_duration_seconds)$/.test(name),
)
/** What is read from files. */
const mounted = 'spiffe_svid_unreadable'
/** What is read from servers, which a cluster role probes by default. */
const probed = ['spiffe_workload_probes', 'spiffe_svid_refused']
/** What compares the files in pods with something else. */
const drift = 'spiffe_svid_drift'
/** What needs both the requests and the files. */
const both = 'spiffe_svid_mount_duration_seconds'
/** What is read from CertificateRequests, and from other objects of the Kubernetes API. */
const requests = [
  ...startingWith(
    'spire_attestation_',
    'spire_server_',
    'spiffe_ca_',
    'spiffe_certificate_request',
    'spiffe_issuer_',
    'spiffe_identity_',
    'spiffe_pod_',
  ),
  'svidwatch_checkpoint_last_success_timestamp_seconds',
]
const fileBundles = startingWith('spiffe_file_bundle_')
/** What is known of authorities, from files and from servers; and what trust-manager says. */
const authorities = startingWith('spiffe_authority_')
const bundleObjects = ['spiffe_trust_bundle_synced']
const pods = [...startingWith('spire_agent_', 'spiffe_workloads', 'spiffe_posture_'), ...bundleObjects]
const api = [...requests, ...pods]
/** What probes of targets say about trust domains with a bundle endpoint. */
const federated = 'spiffe_federated_probes_total'
const bundles = startingWith('spire_bundle_', 'spiffe_bundle_')
const nodeRoles = startingWith('svidwatch_node_')
const problems = ['spiffe_problem_since_timestamp_seconds', 'svidwatch_series_dropped']
const findings = startingWith('svidwatch_findings_')

/** The families that only some processes export. */
const occasional = new Set<string>([
  ...startingWith('spire_', 'spiffe_', 'svidwatch_node_', 'svidwatch_findings_', 'svidwatch_checkpoint_'),
  'svidwatch_series_dropped',
])

const bundleEndpoints = [{ trustDomain: 'partner.example', url: 'https://127.0.0.1:1', profile: 'https_web' }]
const files = [{ certificate: '/run/spiffe/svid.pem' }]

test.each<[readonly Role[], readonly string[], readonly string[]]>([
  [['cluster'], [], [...copies, ...probed, ...authorities, ...api, ...problems, 'svidwatch_checkpoint_failures_total']],
  [
    ['cluster'],
    ['nodeFindings', 'bundleEndpoints', 'files'],
    [
      ...copies,
      ...probed,
      ...authorities,
      mounted,
      drift,
      both,
      ...api,
      ...bundles,
      federated,
      ...nodeRoles,
      ...problems,
      'svidwatch_checkpoint_failures_total',
    ],
  ],
  [
    ['cluster', 'node'],
    [],
    [
      ...copies,
      ...probed,
      ...authorities,
      mounted,
      drift,
      both,
      ...api,
      ...problems,
      'svidwatch_checkpoint_failures_total',
    ],
  ],
  [
    ['cluster'],
    ['kubernetes'],
    [...copies, ...probed, ...authorities, ...pods, ...problems, 'svidwatch_checkpoint_failures_total'],
  ],
  [
    ['cluster'],
    ['kubernetes', 'nodeFindings'],
    [
      ...copies,
      ...probed,
      ...authorities,
      mounted,
      drift,
      ...pods,
      ...nodeRoles,
      ...problems,
      'svidwatch_checkpoint_failures_total',
    ],
  ],
  [['node'], ['bundleEndpoints', 'files'], []],
  [['node'], ['nodeFindings'], [...findings]],
  [
    ['standalone'],
    ['files', 'nodeFindings'],
    [
      ...copies,
      ...authorities,
      mounted,
      'spiffe_svid_refused',
      ...fileBundles,
      'spiffe_workloads',
      ...problems,
      'svidwatch_checkpoint_failures_total',
    ],
  ],
  [['standalone'], ['bundleEndpoints'], [...bundles, ...problems, 'svidwatch_checkpoint_failures_total']],
])('the roles %j with settings for %j export what they can have, and nothing else', async (roles, given, expected) => {
  const { world, clock, kubeletRoot } = await worldOnHold([{}])
  const { signingKey, publicKeys } = await writeFindingsKeys(world.folder)
  const nodeFindings = { service: 'svidwatch/svidwatch-node', signingKey, publicKeys }
  const all = { bundleEndpoints, files, nodeFindings, kubernetes: { sources: { certificateRequests: false } } }
  const settings = Object.fromEntries(Object.entries(all).filter(([name]) => given.includes(name)))
  const store =
    roles.includes('node') && roles.length === 1
      ? undefined
      : new FileStore(join(world.folder, 'state.json'), realFiles)
  const client = roles.includes('cluster') ? createClientFromText(world.api.kubeconfig, clock) : undefined
  const surroundings = { clock, client, store, nodeName: 'node-1' }
  const app = await runningApp(roles, { mountedSvids: { kubeletRoot }, ...settings }, surroundings)

  const exported = familiesIn(await metricsOf(app)) as readonly MetricName[]
  expect(exported.filter((name) => occasional.has(name)).toSorted()).toEqual([...expected].toSorted())
  expect(exported.filter((name) => !declarationOf(name).roles.some((role) => roles.includes(role)))).toEqual([])
  expect(exported).toEqual(expect.arrayContaining(['svidwatch_source_up', 'process_resident_memory_bytes']))
})
