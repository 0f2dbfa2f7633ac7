import { gunzipSync } from 'node:zlib'
import type { Clock } from '../../../src/clock.ts'
import { spiffeDriver } from '../../../src/config/spiffeDriver.ts'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import { renewalDueMs, renewalRules } from '../../../src/identity/renewal.ts'
import type { TrustBundle } from '../../../src/identity/trustBundle.ts'
import type { X509Svid } from '../../../src/identity/x509Svid.ts'
import type { RequestObservation } from '../../../src/ledger/issuance/observations.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import type { SourceName } from '../../../src/ledger/sight/observations.ts'
import { podProjection } from '../../../src/sources/pods/projection.ts'
import type { CertificateRequest } from '../../../src/world/certificateRequest.ts'
import { withDecision, withPending, withRefusal } from '../../../src/world/verdicts.ts'
import { lifetimeMs } from '../../bench/certificates.ts'
import { metricsOf } from '../../bench/expositions.ts'
import { podOf, Requests, volume, type Workload } from '../../bench/workloads.ts'
import { ApiReports } from '../../support/apiReports.ts'

/**
 * What happens to a workload: its requests are issued, never answered, or denied. Or they are issued, and its mount does not get the new
 * SVIDs, its containers have an older mount, or no peer accepts the SVIDs. Or it has a server that presents its newest SVID, or its
 * first one for ever.
 */
export type Fate = 'renewed' | 'stuck' | 'denied' | 'deadMount' | 'detached' | 'refused' | 'serves' | 'servesFirst'

export interface Member {
  readonly namespace: string
  readonly issuer: string
  readonly fate: Fate
  /** Its pod says that it wakes nobody. */
  readonly muted?: true
}

/** The trust domains that are federated, and those among them that have a server which is probed by its name. */
export interface Partners {
  readonly domains?: readonly string[]
  readonly serving?: readonly string[]
}

const minuteMs = 60_000
const apiSources = ['certificateRequests', 'pods', 'namespaces', 'nodes', 'csiNodes'] as const
const sources: readonly SourceName[] = [...apiSources, 'nodeFindings', 'bundleEndpoints']

const hasServer = ({ fate }: Member): boolean => fate === 'serves' || fate === 'servesFirst'

/** Servers are probed in a fleet that has any, or that names those of trust domains. */
const sourcesOf = (members: readonly Member[], serving: readonly string[]): readonly SourceName[] =>
  members.some(hasServer) || serving.length > 0 ? [...sources, 'servedSvids'] : sources
const agent = { name: 'csi-driver-spiffe', driver: spiffeDriver.name, podLabels: { app: 'csi-driver-spiffe' } }
const nodes = ['node-1', 'node-2', 'node-3']
/** The node that has the driver, but no pod of it. */
const unserved = 'node-3'
const served = nodes.filter((node) => node !== unserved)

/** How old an SVID of csi-driver-spiffe is when it is renewed. */
const renewEveryMs = renewalDueMs({ notBeforeMs: 0, notAfterMs: lifetimeMs }, renewalRules.csiDriverSpiffe)

interface Known {
  readonly workload: Workload
  readonly member: Member
  issuedMs: number
  isWaiting: boolean
  isMounted: boolean
  /** What was mounted last, and the authority that has signed it, in a fleet that knows its authorities. */
  mounted?: { readonly svid: X509Svid; readonly writtenMs: number; readonly mountBirthMs: number }
  /** The key ids of the authorities in its trust bundle. */
  trusted?: readonly string[]
  /** What its server presents. */
  served?: X509Svid
  request: string | undefined
}

/** A few workloads whose SVIDs live for an hour, as a svidwatch sees them that has a real ledger and judges for real. */
export class Fleet {
  /** The issuers that do not answer. */
  readonly down = new Set<string>()
  /** The sources that svidwatch cannot see. */
  readonly blindTo = new Set<SourceName>()
  /** The trust domains whose bundle endpoints fail. */
  readonly silent = new Set<string>(['never.example'])
  /** The key id of the authority that signs; undefined if nothing is known of authorities. */
  signer: string | undefined
  /** The trust domains whose servers present SVIDs that the fetched bundle does not verify. */
  readonly refused = new Set<string>()
  readonly #clock: Clock
  readonly #startMs: number
  readonly #sources: readonly SourceName[]
  readonly #ledger: Ledger
  readonly #diagnoses: Diagnoses
  readonly #metrics
  readonly #requests: Requests
  readonly #known: readonly Known[]
  readonly #domains: readonly string[]
  readonly #serving: readonly string[]
  readonly #api: ApiReports

  private constructor(
    clock: Clock,
    members: readonly Member[],
    { domains = [], serving = [] }: Partners,
    requests: Requests,
  ) {
    this.#clock = clock
    this.#startMs = clock.now()
    this.#sources = sourcesOf(members, serving)
    this.#requests = requests
    this.#domains = domains
    this.#serving = serving
    const drivers = new Map([[spiffeDriver.name, renewalRules.csiDriverSpiffe]])
    const [agents, renewal] = [[agent.name], { drivers, files: new Map() }]
    this.#ledger = new Ledger({ clock, sources: this.#sources, maxIssuers: 100, agents, svidAgents: agents, renewal })
    this.#api = new ApiReports((observation) => this.#report(this.#asSigned(observation)))
    this.#diagnoses = new Diagnoses(this.#ledger, clock)
    this.#metrics = metricsOf(this.#ledger, clock, this.#diagnoses)
    this.#known = members.map((member, index) => ({
      workload: workloadOf(member.namespace, index),
      member,
      // Renewals are spread evenly.
      issuedMs: clock.now() - Math.floor((index * renewEveryMs) / members.length / minuteMs) * minuteMs,
      isWaiting: false,
      isMounted: false,
      request: undefined,
    }))
  }

  /** `signer` is the key id of the only authority, where authorities are known. */
  static async create(
    clock: Clock,
    members: readonly Member[],
    partners: Partners = {},
    signer?: string,
  ): Promise<Fleet> {
    const example = workloadOf(members[0]?.namespace ?? '', 0).spiffeId
    const fleet = new Fleet(clock, members, partners, await Requests.create(clock.now(), example))
    fleet.signer = signer
    if (signer !== undefined) fleet.distribute(() => [signer])
    fleet.#list()
    for (const known of fleet.#known)
      if (known.member.fate !== 'denied') fleet.#issue(known, known.issuedMs)
      else fleet.#deny(known)
    return fleet
  }

  /** Lets everything happen that is due by now. */
  goOn(): void {
    for (const source of this.#sources)
      this.#report(
        this.blindTo.has(source)
          ? { kind: 'trouble', source, reason: 'unreachable', detail: '' }
          : { kind: 'contact', source },
      )
    for (const node of served) this.#report({ kind: 'nodeContact', node })
    for (const trustDomain of this.#domains) this.#report(this.#fetched(trustDomain))
    const nowMs = this.#clock.now()
    for (const known of this.#known) {
      const { fate, issuer } = known.member
      const isAnswered = fate !== 'stuck' && !this.down.has(issuer)
      if (fate === 'denied' || nowMs < known.issuedMs + renewEveryMs) continue
      if (isAnswered) this.#issue(known, nowMs)
      else if (!known.isWaiting) this.#ask(known)
    }
    for (const known of this.#known) this.#probe(known)
    for (const trustDomain of this.#serving) this.#probePartner(trustDomain)
    this.#ledger.forgetOld()
  }

  /** Lets the driver write trust bundles: the key ids of the authorities of each workload, by its number. */
  distribute(trusted: (index: number) => readonly string[]): void {
    for (const known of this.#known) {
      known.trusted = trusted(known.workload.index)
      this.#mount(known)
    }
  }

  /** Returns the samples that svidwatch exports now. */
  async samples(): Promise<readonly string[]> {
    await this.#diagnoses.judge()
    const { body } = await this.#metrics.scrape(undefined)
    const text = gunzipSync(body).toString()
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  }

  #list(): void {
    const named = (name: string) => ({ uid: name, name })
    const project = podProjection({ drivers: [spiffeDriver.name], agents: [agent], agentSockets: [] })
    const namespaces = [...new Set(this.#known.map(({ member }) => member.namespace))]
    this.#api.list(
      'namespaces',
      namespaces.map((name) => ({ kind: 'namespace', namespace: { ...named(name), expectsSvids: false } })),
    )
    this.#api.list(
      'nodes',
      nodes.map((node) => ({ kind: 'node', node: named(node) })),
    )
    this.#api.list(
      'csiNodes',
      nodes.map((node) => ({ kind: 'csiNode', csiNode: { ...named(node), agents: [agent.name] } })),
    )
    const agentPods = served.map((node) => agentPod(node))
    const pods = this.#known.map(({ workload, member: { muted } }) => {
      const mountedSinceMs = [this.#startMs - minuteMs]
      return { ...project(podOf(workload)), mountedSinceMs, ...(muted && { muted }) }
    })
    this.#api.list(
      'pods',
      [...agentPods, ...pods].map((pod) => ({ kind: 'pod', pod })),
    )
    this.#api.list('certificateRequests', [])
    for (const node of served) {
      this.#report({ kind: 'findingsListing', node })
      this.#report({ kind: 'findingsListed', node })
    }
    for (const trustDomain of this.#domains) {
      const endpoint = { trustDomain, url: `https://${trustDomain}/`, profile: 'https_web' } as const
      this.#report({ kind: 'bundleEndpoint', endpoint })
    }
  }

  #fetched(trustDomain: string): Observation {
    if (this.silent.has(trustDomain)) return { kind: 'bundleTrouble', trustDomain, reason: 'timeout', detail: '' }
    const x509Authorities = [{ der: 'QUJD', notAfterMs: this.#clock.now() + 90 * 24 * 60 * minuteMs }]
    const bundle = { sequence: 1n, refreshHintMs: minuteMs, x509Authorities, jwtAuthorities: [] }
    return { kind: 'bundle', trustDomain, bundle }
  }

  #issue(known: Known, issuedMs: number): void {
    const pending = this.#requests.pending(known.workload, issuedMs)
    const approved = this.#requests.approved(pending, issuedMs)
    const { svid } = this.#replace(known, this.#requests.issued(approved, known.workload, issuedMs))
    if (svid === undefined) throw new Error(`the CertificateRequest of ${known.workload.pod} is not understood`)
    const { fate } = known.member
    if (fate !== 'servesFirst' || known.served === undefined) known.served = svid
    known.mounted = {
      svid: { ...svid, ...(this.signer !== undefined && { authorityKeyId: this.signer }) },
      writtenMs: issuedMs,
      mountBirthMs: fate === 'detached' ? this.#startMs : 0,
    }
    if (fate !== 'deadMount' || !known.isMounted) this.#mount(known)
    known.isMounted = true
    known.issuedMs = issuedMs
    known.isWaiting = false
  }

  #mount({ workload: { podUid, node }, member: { fate }, mounted, trusted }: Known): void {
    if (mounted === undefined) return
    const { svid, ...times } = mounted
    const isRefused = fate === 'refused' || trusted?.includes(svid.authorityKeyId ?? '') === false
    const finding = {
      podUid,
      volume,
      reading: { svid },
      ...times,
      ...(trusted && { bundle: bundleOf(trusted) }),
      ...(isRefused && { verdict: { refusal: 'unknown_authority', detail: '' } as const }),
    }
    this.#report({ kind: 'mounted', mounted: finding, node })
  }

  #probe({ workload: { podUid }, member, served }: Known): void {
    if (!hasServer(member) || served === undefined) return
    this.#report({ kind: 'served', served: { target: { podUid, port: 8443 }, result: { svid: served } } })
  }

  #probePartner(trustDomain: string): void {
    const period = { notBeforeMs: this.#startMs, notAfterMs: this.#startMs + 24 * 60 * minuteMs }
    const spiffeId = `spiffe://${trustDomain}/web`
    const svid = { spiffeId, trustDomain, ...period, fingerprint: 'ab'.repeat(32) }
    const verdict = this.refused.has(trustDomain)
      ? ({ refusal: 'unknown_authority', detail: '' } as const)
      : { authority: 'cd'.repeat(32), period }
    const target = { address: `web.${trustDomain}:8443` }
    this.#report({ kind: 'served', served: { target, result: { svid, verdict } } })
  }

  #ask(known: Known): void {
    const nowMs = this.#clock.now()
    const pending = this.#requests.pending(known.workload, nowMs)
    this.#replace(known, withPending(this.#requests.approved(pending, nowMs), nowMs))
    known.isWaiting = true
  }

  #deny(known: Known): void {
    const nowMs = this.#clock.now()
    const pending = this.#requests.pending(known.workload, nowMs)
    this.#replace(known, withRefusal(withDecision(pending, 'the SPIFFE ID is wrong', nowMs), nowMs))
  }

  /** What is issued names the authority that signs, in a fleet that knows its authorities. */
  #asSigned(observation: Observation): Observation {
    const { signer } = this
    if (observation.kind !== 'request' || observation.request.svid === undefined || signer === undefined)
      return observation
    return { ...observation, request: { ...observation.request, authorityKeyId: signer } }
  }

  #replace(known: Known, object: CertificateRequest): RequestObservation {
    const request = this.#api.replaceRequest(known.request, object, known.member.issuer)
    known.request = request.uid
    return request
  }

  #report(observation: Observation): void {
    this.#ledger.report(observation)
  }
}

/** A trust bundle with these authorities, of which each is younger than those before it. */
function bundleOf(keyIds: readonly string[]): TrustBundle {
  const authorities = keyIds.map((keyId, index) => ({
    fingerprint: keyId,
    keyId,
    notBeforeMs: index * minuteMs,
    notAfterMs: Number.MAX_SAFE_INTEGER,
  }))
  return { certificates: keyIds.length, authorities, newestNotAfterMs: Number.MAX_SAFE_INTEGER }
}

/** All SPIFFE IDs have the same length, because the certificates are made from one. */
function workloadOf(namespace: string, index: number): Workload {
  const name = `app-${String(index).padStart(2, '0')}`
  return {
    index,
    namespace,
    pod: `${name}-5d4b8c7f9d-x2kqz`,
    podUid: `${String(index).padStart(8, '0')}-5d4b-4c7f-8d9e-000000000000`,
    node: nodes[index % 2] ?? '',
    spiffeId: `spiffe://bench.example.org/ns/${namespace}/sa/${name}`,
  }
}

function agentPod(node: string) {
  const name = `${agent.name}-${node}`
  const running = { ended: false, volumes: [], needs: [], posture: [], agent: { name: agent.name, ready: true } }
  return { uid: name, namespace: 'cert-manager', name, node, ...running }
}
