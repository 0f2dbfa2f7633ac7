import { spiffeDriver } from '../../src/config/spiffeDriver.ts'
import type { Authority } from '../../src/identity/authority.ts'
import type { TrustBundle } from '../../src/identity/trustBundle.ts'
import type { X509Svid } from '../../src/identity/x509Svid.ts'
import { volumeHash } from '../../src/identity/volumeHash.ts'
import type { MountedObservation, PodObservation, SvidVolume } from '../../src/ledger/workloads/observations.ts'
import type { Observation } from '../../src/ledger/observations.ts'
import type { RequestObservation } from '../../src/ledger/issuance/observations.ts'
import type { SourceName } from '../../src/ledger/sight/observations.ts'

/** The initial time of ManualClock. */
export const epochMs = Date.UTC(2026, 0, 1)
const minute = 60_000

/** Returns an SVID that is valid for an hour from `minutesAgo` before the epoch of the tests. */
export function svid(overrides: Partial<X509Svid> = {}, minutesAgo = 0): X509Svid {
  const notBeforeMs = epochMs - minutesAgo * minute
  return {
    spiffeId: 'spiffe://example.org/ns/team-a/sa/web',
    trustDomain: 'example.org',
    notBeforeMs,
    notAfterMs: notBeforeMs + 60 * minute,
    fingerprint: `fingerprint-${minutesAgo}`,
    chain: { notBeforeMs: epochMs - 24 * 60 * minute, notAfterMs: epochMs + 24 * 60 * minute },
    ...overrides,
  }
}

/** Returns an authority that is valid for a day around the epoch of the tests. `name` is a digit in hex. */
export function authority(name: string, overrides: Partial<Authority> = {}): Authority {
  const day = 24 * 60 * minute
  return {
    fingerprint: name.repeat(64),
    keyId: name.repeat(40),
    notBeforeMs: epochMs - day,
    notAfterMs: epochMs + day,
    ...overrides,
  }
}

/** Returns a trust bundle of these authorities, which come in ascending order of their fingerprints. */
export function bundleOf(...authorities: readonly Authority[]): TrustBundle {
  const newestNotAfterMs = Math.max(...authorities.map(({ notAfterMs }) => notAfterMs))
  return { certificates: authorities.length, authorities, newestNotAfterMs }
}

/** Returns an issued request of pod-1's volume `spiffe`. */
export function request(overrides: Partial<RequestObservation> = {}): RequestObservation {
  const state = overrides.state ?? 'issued'
  return {
    uid: 'request-1',
    resourceVersion: '100',
    namespace: 'team-a',
    name: 'request-1',
    issuer: 'ClusterIssuer/spiffe-ca',
    state,
    reason: '',
    createdMs: epochMs,
    approvedMs: epochMs,
    ...(state === 'issued' && { concludedMs: epochMs, svid: svid() }),
    spiffeId: 'spiffe://example.org/ns/team-a/sa/web',
    trustDomain: 'example.org',
    annotationLies: false,
    owner: { podUid: 'pod-1', podName: 'web-1' },
    volumeHash: volumeHash('pod-1', 'spiffe'),
    ...overrides,
  }
}

/** The changes of a pod. `volumes` are the names of volumes of csi-driver-spiffe. */
export type PodOverrides = Partial<Omit<PodObservation, 'volumes'>> & {
  readonly volumes?: readonly (string | SvidVolume)[]
}

export function pod({ volumes = ['spiffe'], ...overrides }: PodOverrides = {}): PodObservation {
  return {
    uid: 'pod-1',
    namespace: 'team-a',
    name: 'web-1',
    node: 'node-1',
    ended: false,
    volumes: volumes.map((volume) =>
      typeof volume === 'string' ? { name: volume, driver: spiffeDriver.name } : volume,
    ),
    needs: ['csi-driver-spiffe'],
    posture: [],
    ...overrides,
  }
}

export function mounted(overrides: Partial<MountedObservation> = {}): MountedObservation {
  return { podUid: 'pod-1', volume: 'spiffe', reading: { svid: svid() }, mountBirthMs: 0, ...overrides }
}

export function requestList(resourceVersion: string, ...requests: RequestObservation[]): Observation[] {
  return [
    { kind: 'listing', source: 'certificateRequests' },
    ...requests.map((one) => ({ kind: 'request', change: 'added', listed: true, request: one }) as const),
    { kind: 'listed', source: 'certificateRequests', resourceVersion },
  ]
}

function list(source: SourceName, ...objects: Observation[]): Observation[] {
  return [{ kind: 'listing', source }, ...objects, { kind: 'listed', source, resourceVersion: '1' }]
}

export const podList = (...pods: PodObservation[]): Observation[] =>
  list('pods', ...pods.map((one) => ({ kind: 'pod', pod: one }) as const))

export const nodeSeen = (name: string, uid = name): Observation => ({ kind: 'node', node: { uid, name } })

export const nodeList = (...names: string[]): Observation[] => list('nodes', ...names.map((name) => nodeSeen(name)))

export const namespace = (name: string, expectsSvids = false, muted = false): Observation => ({
  kind: 'namespace',
  namespace: { uid: name, name, expectsSvids, ...(muted && { muted }) },
})

export const csiNode = (name: string, ...agents: string[]): Observation => ({
  kind: 'csiNode',
  csiNode: { uid: name, name, agents },
})

/** Returns the observations of the first snapshot of the node role of `node`. */
export const nodeTells = (node: string, ...findings: MountedObservation[]): Observation[] => [
  { kind: 'findingsListing', node },
  ...findings.map((one) => ({ kind: 'mounted', mounted: one, node }) as const),
  { kind: 'findingsListed', node },
  { kind: 'nodeContact', node },
]

/** Returns the observation of a change of a request. */
export function change(kind: 'added' | 'modified', one: RequestObservation): Observation {
  return { kind: 'request', change: kind, listed: false, request: one }
}
