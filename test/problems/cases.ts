import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { volumePaths } from '../../src/sources/mountedSvids/layout.ts'
import type { DiagnosisCode } from '../../src/diagnosis/codes.ts'
import { createClientFromText } from '../../src/kubernetes/client.ts'
import { bundleName } from '../../src/world/bundleObjects.ts'
import { createCertificateAuthority } from '../../src/world/certificateAuthority.ts'
import { createSigningRequest } from '../../src/world/signingRequest.ts'
import { writeVolume } from '../../src/world/volumes.ts'
import { newRequest } from '../../src/world/workload.ts'
import {
  customerDomain,
  lifetimeMs,
  namespace,
  supplierDomain,
  type Cluster,
  type ClusterPlan,
  type Pod,
} from './cluster.ts'
import type { Svidwatch } from './svidwatch.ts'

/** The name of a subject, in the fields of the API. */
export type Name = Readonly<Record<string, string>>

/** One way to bring a problem about. */
export interface Case {
  readonly code: DiagnosisCode
  /** What happens, in words. */
  readonly happens: string
  readonly plan: ClusterPlan
  /** Makes it happen before svidwatch starts, or when svidwatch has seen the cluster for a minute. */
  readonly before?: (cluster: Cluster) => unknown
  readonly breaks?: (cluster: Cluster, svidwatch: Svidwatch) => unknown
  /** How long it takes until the alert of the code fires. */
  readonly minutes: number
  /** Who has the problem, and who has none. */
  readonly subject: Name
  readonly neighbour: Name
  /** What a person needs to know: fields of the item in the answer of the API, and the names of further evidence. */
  readonly shows: { readonly severity: string; readonly remedy: string; readonly [field: string]: unknown }
  readonly evidence: readonly string[]
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const issuer = 'ClusterIssuer/spiffe-ca'
const trustDomain = 'example.org'

/** The pod that has no problem, which is in the namespace of the one that has. Its SVID was just issued. */
const healthy: Pod = { name: 'storefront-0', node: 'node-2' }
const neighbour = { namespace, pod: healthy.name }

const cart: Pod = { name: 'cart-0', node: 'node-1' }
const subject = { namespace, pod: cart.name, node: cart.node }

/** So many pods, whose renewals are due one after the other. */
const manyPods = (count: number): readonly Pod[] => [
  healthy,
  ...Array.from({ length: count - 1 }, (_, index) => ({ name: `cart-${index}`, node: 'node-1' as const })),
]

/** So many pods on the node of the healthy one. */
const manyOnOther = (count: number): readonly Pod[] =>
  Array.from({ length: count }, (_, index) => ({ name: `catalogue-${index}`, node: 'node-2' as const }))

export const cases: readonly Case[] = [
  {
    code: 'renewal_missed',
    happens: 'the issuer never answers the request for one renewal',
    plan: { pods: [healthy, { ...cart, fate: 'stuck' }] },
    minutes: 17,
    subject: { ...subject, issuer },
    neighbour,
    shows: { severity: 'critical', remedy: 'issuer' },
    evidence: ['renewalDue', 'notAfter', 'requestCreated', 'request', 'requestState'],
  },
  {
    code: 'expired',
    happens: 'the issuer does not answer the request for one renewal until the SVID has expired',
    plan: { pods: [healthy, { ...cart, fate: 'stuck' }] },
    minutes: 31,
    subject: { ...subject, issuer },
    neighbour,
    shows: { severity: 'critical', remedy: 'issuer' },
    evidence: ['renewalDue', 'notAfter', 'requestCreated', 'request', 'requestState'],
  },
  {
    code: 'not_issued',
    happens: 'a new pod asks for the SPIFFE ID of another workload, and the approver denies it',
    plan: { pods: [healthy, { ...cart, fate: 'denied' }] },
    minutes: 17,
    subject,
    neighbour,
    shows: { severity: 'warning', remedy: 'approver', reason: 'denied_spiffe_id' },
    evidence: ['requestCreated', 'request', 'requestState', 'message'],
  },
  {
    code: 'mount_stale',
    happens: 'the driver of a node restarts, so that a running pod keeps the mount of a process that is gone',
    plan: { pods: [healthy, cart] },
    breaks: ({ world }) => world.restartDriver('node-1'),
    minutes: 9,
    subject: { ...subject, issuer },
    neighbour,
    shows: { severity: 'warning', remedy: 'new_pod' },
    evidence: ['mountedNotAfter', 'issuedNotAfter'],
  },
  {
    code: 'incident',
    happens: 'the volumes of all pods of a node are lost, while those of another node are there',
    plan: { pods: [...manyPods(6), ...manyOnOther(3)] },
    breaks: async ({ world }) => {
      for (const { name, node } of manyPods(6)) if (node === 'node-1') await world.unmountVolume(name)
    },
    minutes: 5,
    subject: { node: 'node-1' },
    neighbour,
    shows: { severity: 'warning', remedy: 'new_pod', reason: 'node_mounts' },
    evidence: ['problems', 'failing', 'elsewhere'],
  },
  {
    code: 'mount_detached',
    happens:
      'the driver was restarted while nothing was issued, and then made a new mount, which a running container does not see',
    plan: { pods: [healthy, { ...cart, fate: 'detached' }] },
    minutes: 3,
    subject: { ...subject, issuer },
    neighbour,
    shows: { severity: 'warning', remedy: 'new_pod' },
    evidence: ['mountedNotAfter'],
  },
  {
    code: 'mount_gone',
    happens: 'the volume of a running pod is unmounted on its node',
    plan: { pods: [healthy, cart] },
    breaks: ({ world }) => world.unmountVolume(cart.name),
    minutes: 4,
    subject: { ...subject, issuer },
    neighbour,
    shows: { severity: 'warning', remedy: 'new_pod' },
    evidence: ['mountedNotAfter'],
  },
  {
    code: 'empty_volume',
    happens: 'the files of a volume are removed',
    plan: { pods: [healthy, cart] },
    breaks: ({ world }) => world.emptyVolume(cart.name),
    minutes: 4,
    subject: { ...subject, issuer },
    neighbour,
    shows: { severity: 'warning', remedy: 'new_pod' },
    evidence: ['mountedNotAfter'],
  },
  {
    code: 'sub_path',
    happens: 'a container mounts the certificate file alone, by subPath',
    plan: { pods: [healthy, { ...cart, fate: 'subPath' }] },
    minutes: 3,
    subject: { ...subject, issuer },
    neighbour,
    shows: { severity: 'warning', remedy: 'manifest' },
    evidence: ['mountedNotAfter'],
  },
  {
    code: 'not_reloaded',
    happens: 'a server presents the SVID of its start, although its files have been renewed',
    plan: { pods: [healthy, { ...cart, fate: 'notReloaded', serves: 'tls' }] },
    minutes: 9,
    subject: { ...subject, issuer, copy: 'served' },
    neighbour,
    shows: { severity: 'warning', remedy: 'reload' },
    evidence: ['servedNotAfter', 'mountedNotAfter', 'port'],
  },
  {
    code: 'wrong_identity',
    happens: 'the files of another workload are written into the volume of a pod',
    plan: { pods: [healthy, cart] },
    breaks: filesOfNeighbour,
    minutes: 4,
    subject: { ...subject, copy: 'mounted' },
    neighbour,
    shows: { severity: 'warning', remedy: 'driver' },
    evidence: ['spiffeId', 'otherId'],
  },
  {
    code: 'peer_refuses',
    happens: 'the trust bundle of another trust domain is written into the volume of a pod',
    plan: { pods: [healthy, cart] },
    breaks: bundleOfStranger,
    minutes: 4,
    subject: { ...subject, issuer, copy: 'mounted' },
    neighbour,
    shows: { severity: 'critical', remedy: 'bundle', reason: 'unknown_authority' },
    evidence: ['notAfter'],
  },
  {
    code: 'unreadable',
    happens: 'the driver writes an empty certificate file',
    plan: { pods: [healthy, cart] },
    breaks: emptyCertificateFile,
    minutes: 12,
    subject: { ...subject, copy: 'mounted' },
    neighbour,
    shows: { severity: 'warning', remedy: 'driver' },
    evidence: ['notAfter', 'lastSeen'],
  },
  {
    code: 'renewed_too_often',
    happens: 'the issuer dates certificates back by 108 minutes, so that each renewal is due after 4',
    plan: { pods: manyPods(8), issuer: { datesBackMs: 108 * minuteMs } },
    minutes: 35,
    subject: { namespace, pod: 'cart-6', node: 'node-1', issuer },
    neighbour,
    shows: { severity: 'warning', remedy: 'nothing' },
    evidence: ['renewalDue', 'notAfter'],
  },
  {
    code: 'issuer_down',
    happens: 'the issuer loses its key',
    plan: { pods: manyPods(8) },
    breaks: ({ world }) => world.stopIssuer(),
    minutes: 16,
    subject: { issuer },
    neighbour,
    shows: { severity: 'critical', remedy: 'issuer', reason: 'issuer_not_ready' },
    evidence: ['missed', 'first', 'lastIssued', 'message'],
  },
  {
    code: 'issuer_down',
    happens: 'the approver is gone',
    plan: { pods: manyPods(8) },
    breaks: ({ world }) => world.stopApprover(),
    minutes: 16,
    subject: { issuer },
    neighbour,
    shows: { severity: 'critical', remedy: 'approver', reason: 'awaiting_approval' },
    evidence: ['missed', 'first', 'lastIssued'],
  },
  {
    code: 'issuer_down',
    happens: 'the issuer loses its key, and the driver replaces its requests at each attempt',
    plan: { pods: manyPods(8) },
    breaks: async ({ world }) => {
      await world.restartDriver('node-1', { replacesRequests: true })
      world.stopIssuer()
    },
    minutes: 24,
    subject: { issuer },
    neighbour,
    shows: { severity: 'critical', remedy: 'issuer', reason: 'issuer_not_ready' },
    evidence: ['missed', 'first', 'lastIssued', 'message'],
  },
  {
    code: 'issuer_down',
    happens: 'the driver is restarted with another trust domain than its approver has',
    plan: { pods: manyPods(8) },
    breaks: ({ world }) => world.restartDriver('node-1', { trustDomain: 'other.example' }),
    minutes: 24,
    subject: { issuer },
    neighbour,
    shows: { severity: 'critical', remedy: 'driver', reason: 'denied_trust_domain' },
    evidence: ['missed', 'first', 'lastIssued', 'message', 'expectedTrustDomain', 'requestedTrustDomain'],
  },
  {
    code: 'issuer_slow',
    happens: 'the issuer takes 45 seconds for each SVID',
    plan: { pods: manyPods(40), issuer: { slowMs: 45_000 } },
    minutes: 28,
    subject: { issuer },
    neighbour,
    shows: { severity: 'warning', remedy: 'issuer' },
    evidence: ['renewals', 'p99Seconds'],
  },
  {
    code: 'ca_expiring',
    happens: 'nobody has replaced the CA certificate of 90 days, which expires in 4',
    plan: { pods: [healthy, cart], issuer: { authorityAgeMs: 86 * dayMs } },
    minutes: 3,
    subject: { issuer },
    neighbour,
    shows: { severity: 'critical', remedy: 'issuer' },
    evidence: ['notBefore', 'notAfter', 'lastIssued'],
  },
  {
    code: 'identity_mismatch',
    happens: 'a request claims the SPIFFE ID of another workload in its annotation',
    plan: { pods: [healthy, cart] },
    breaks: requestWithFalseAnnotation,
    minutes: 1,
    subject: { issuer },
    neighbour,
    shows: { severity: 'warning', remedy: 'nothing' },
    evidence: ['last', 'request', 'spiffeId'],
  },
  {
    code: 'agent_down',
    happens: 'the DaemonSet of the driver no longer covers a node with pods',
    plan: { pods: [healthy, cart] },
    breaks: ({ world }) => world.removeDriver('node-1'),
    minutes: 6,
    subject: { node: 'node-1', agent: 'csi-driver-spiffe' },
    neighbour: { node: 'node-2' },
    shows: { severity: 'warning', remedy: 'driver' },
    evidence: [],
  },
  {
    code: 'bundle_stale',
    happens: 'a bundle endpoint is gone that has served a bundle',
    plan: { pods: [healthy] },
    breaks: ({ partners }) => partners.supplier.stop(),
    minutes: 12,
    subject: { trustDomain: supplierDomain },
    neighbour: { trustDomain: customerDomain },
    shows: { severity: 'warning', remedy: 'bundle', reason: 'unreachable' },
    evidence: ['url', 'message'],
  },
  {
    code: 'bundle_expired',
    happens: 'a partner does not replace its only authority, which expires in 5 minutes',
    plan: { pods: [healthy], supplierLeftMs: 5 * minuteMs },
    minutes: 6,
    subject: { trustDomain: supplierDomain },
    neighbour: { trustDomain: customerDomain },
    shows: { severity: 'critical', remedy: 'bundle' },
    evidence: ['url'],
  },
  {
    code: 'bundle_unreachable',
    happens: 'nobody has ever answered at the address of a bundle endpoint',
    plan: { pods: [healthy] },
    before: ({ partners }) => partners.supplier.stop(),
    minutes: 16,
    subject: { trustDomain: supplierDomain },
    neighbour: { trustDomain: customerDomain },
    shows: { severity: 'warning', remedy: 'bundle', reason: 'unreachable' },
    evidence: ['url', 'message'],
  },
  {
    code: 'authority_untrusted',
    happens: 'the issuer signs with a new CA while trust-manager is stopped, so that no trust bundle has it',
    plan: { pods: manyPods(8) },
    breaks: async ({ world }) => {
      world.stopTrustManager()
      await world.announceAuthority()
      world.signWithNewest()
    },
    minutes: 8,
    subject: { trustDomain },
    neighbour: { trustDomain: customerDomain },
    shows: { severity: 'critical', remedy: 'bundle', reason: 'signs_too_early' },
    evidence: ['authority', 'refusedPairs', 'svids', 'volumes', 'volumesWithout', 'nodesWithout', 'namespacesWithout'],
  },
  {
    code: 'authority_untrusted',
    happens: 'the Secret of the CA is deleted, and trust-manager distributes the new CA instead of the old one',
    plan: { pods: manyPods(8) },
    breaks: ({ world }) => world.rotateAuthority(),
    minutes: 4,
    subject: { trustDomain },
    neighbour: { trustDomain: customerDomain },
    shows: { severity: 'critical', remedy: 'bundle', reason: 'removed_too_early' },
    evidence: ['authority', 'refusedPairs', 'svids', 'volumes', 'volumesWithout', 'until'],
  },
  {
    code: 'bundle_skew',
    happens: 'somebody writes another CA into the ConfigMap of one namespace while trust-manager is stopped',
    plan: { pods: [healthy, cart] },
    breaks: async ({ world, clock }) => {
      world.stopTrustManager()
      const { certificatePem } = await createCertificateAuthority('stranger', clock.now())
      world.editBundle(namespace, certificatePem)
    },
    minutes: 8,
    subject: { trustDomain, bundle: bundleName },
    neighbour: { trustDomain: customerDomain },
    shows: { severity: 'warning', remedy: 'bundle', reason: 'namespaces' },
    evidence: ['copies', 'different', 'first'],
  },
  {
    code: 'bundle_unsynced',
    happens: 'the source of a Bundle is gone',
    plan: { pods: [healthy, cart] },
    breaks: ({ world }) => world.loseBundleSource(),
    minutes: 8,
    subject: { bundle: `Bundle/${bundleName}` },
    neighbour: { trustDomain: customerDomain },
    shows: { severity: 'warning', remedy: 'bundle', reason: 'source_not_found' },
    evidence: ['message'],
  },
  {
    code: 'node_blind',
    happens: 'the node role of a node stops',
    plan: { pods: [healthy, cart] },
    breaks: (_, svidwatch) => svidwatch.stopNodeRole('node-1'),
    minutes: 17,
    subject: { node: 'node-1' },
    neighbour: { node: 'node-2' },
    shows: { severity: 'warning', remedy: 'svidwatch', reason: 'unreachable' },
    evidence: ['message'],
  },
  {
    code: 'source_blind',
    happens: 'svidwatch may no longer read CertificateRequests',
    plan: { pods: [healthy] },
    breaks: forbidCertificateRequests,
    minutes: 16,
    subject: { source: 'certificateRequests' },
    neighbour: { source: 'pods' },
    shows: { severity: 'critical', remedy: 'svidwatch', reason: 'forbidden' },
    evidence: ['message', 'lastContact'],
  },
]

/** The driver replaces the files at once, but there is no space left for their contents. */
async function emptyCertificateFile(cluster: Cluster): Promise<void> {
  await writeFilesOfCart(cluster, { certificatePem: '', bundlePem: '' })
}

/** Somebody has restored a backup in the wrong place. */
async function filesOfNeighbour(cluster: Cluster): Promise<void> {
  await writeFilesOfCart(cluster, await filesOf(cluster, healthy.name))
}

/** Somebody has confused two trust domains. The SVID beside the bundle stays. */
async function bundleOfStranger(cluster: Cluster): Promise<void> {
  const { certificatePem: bundlePem } = await createCertificateAuthority('stranger', cluster.clock.now())
  await writeFilesOfCart(cluster, { ...(await filesOf(cluster, cart.name)), bundlePem })
}

type Files = Parameters<typeof writeVolume>[2]

const kubeletRootOf = ({ world }: Cluster, node: string): string =>
  world.nodes.find(({ name }) => name === node)?.kubeletRoot ?? ''

async function filesOf(cluster: Cluster, pod: string): Promise<Files> {
  const { node, podUid, volume } = await cluster.workload(pod)
  const { mount } = volumePaths(kubeletRootOf(cluster, node.name), podUid, volume)
  const [certificatePem = '', bundlePem = ''] = await Promise.all(
    ['tls.crt', 'ca.crt'].map((name) => readFile(join(mount, name), 'utf8')),
  )
  return { certificatePem, bundlePem }
}

async function writeFilesOfCart(cluster: Cluster, files: Files): Promise<void> {
  const own = await cluster.workload(cart.name)
  await writeVolume(kubeletRootOf(cluster, own.node.name), own, files, cluster.clock)
}

/** A driver makes no such request, so it belongs to no volume. */
async function requestWithFalseAnnotation({ world, clock, workload }: Cluster): Promise<void> {
  const own = await workload(cart.name)
  const { metadata, ...request } = newRequest(own, await createSigningRequest(own.spiffeId), lifetimeMs)
  const annotations = { 'spiffe.csi.cert-manager.io/identity': (await workload(healthy.name)).spiffeId }
  const body = { ...request, metadata: { name: metadata.name, namespace, annotations } }
  const client = createClientFromText(world.api.kubeconfig, clock)
  await client.request('POST', `/apis/cert-manager.io/v1/namespaces/${namespace}/certificaterequests`, { body })
  client.close()
}

function forbidCertificateRequests({ relay }: Cluster): void {
  const message = 'certificaterequests.cert-manager.io is forbidden: User "svidwatch" cannot list resource'
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403, message }
  relay.fault = ({ pathname }) => (pathname.endsWith('/certificaterequests') ? { status: 403, body } : undefined)
  relay.cut()
}
