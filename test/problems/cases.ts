import type { DiagnosisCode } from '../../src/diagnosis/codes.ts'
import { createClientFromText } from '../../src/kubernetes/client.ts'
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
    happens: 'the issuer loses its key, and drivers replace their requests at each attempt',
    plan: { pods: manyPods(8) },
    breaks: async ({ world }) => {
      await world.restartDriver(undefined, { replacesRequests: true })
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
    happens: 'the drivers are restarted with another trust domain than their approver has',
    plan: { pods: manyPods(8) },
    breaks: ({ world }) => world.restartDriver(undefined, { trustDomain: 'other.example' }),
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
async function emptyCertificateFile({ world, clock, workload }: Cluster): Promise<void> {
  const cartWorkload = await workload(cart.name)
  const node = world.nodes.find(({ name }) => name === cart.node)
  await writeVolume(node?.kubeletRoot ?? '', cartWorkload, { certificatePem: '', bundlePem: '' }, clock)
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
