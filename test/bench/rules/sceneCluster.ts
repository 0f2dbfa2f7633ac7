import type { Clock } from '../../../src/clock.ts'
import { spiffeDriver } from '../../../src/config/spiffeDriver.ts'
import { renewalRules } from '../../../src/identity/renewal.ts'
import type { RequestObservation } from '../../../src/ledger/issuance/observations.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import type { SourceName } from '../../../src/ledger/sight/observations.ts'
import { podProjection } from '../../../src/sources/pods/projection.ts'
import type { CertificateRequest } from '../../../src/world/certificateRequest.ts'
import { withPending } from '../../../src/world/verdicts.ts'
import { namespaceName, namespaces, nodeName, nodesFor, podOf, Requests, volume, workloadOf } from '../workloads.ts'
import { ApiReports } from '../../support/apiReports.ts'
import { outageMs, partOf, situationAt, type Part, type Scene, type Situation } from './scene.ts'

const apiSources = ['certificateRequests', 'pods', 'namespaces', 'nodes', 'csiNodes'] as const
const sources: readonly SourceName[] = [...apiSources, 'nodeFindings']
const agent = { name: 'csi-driver-spiffe', driver: spiffeDriver.name, podLabels: { app: 'csi-driver-spiffe' } }

/** How long the issuer takes. */
const answerMs = 1000
const tickMs = 1000
/** How often node roles send a heartbeat, and the API server a bookmark, in ticks. */
const heartbeatTicks = 5
const bookmarkTicks = 60

/** A workload and what the ledger knows of it. */
interface Known {
  readonly index: number
  readonly part: Part
  situation: Situation | undefined
  /** The uid of its CertificateRequest: csi-lib keeps one for each volume. */
  request: string | undefined
}

export interface SceneClusterOptions {
  readonly clock: Clock
  readonly workloads: number
  readonly scene: Scene
}

/** The cluster of a scene as its cluster role sees it: all observations go to a real ledger. */
export class SceneCluster {
  readonly ledger: Ledger
  readonly #clock: Clock
  readonly #requests: Requests
  readonly #known: readonly Known[]
  readonly #nodes: readonly string[]
  readonly #outageSinceMs: number
  readonly #api: ApiReports

  private constructor({ clock, workloads, scene }: SceneClusterOptions, requests: Requests) {
    this.#clock = clock
    this.#requests = requests
    this.#outageSinceMs = clock.now() - outageMs
    this.#nodes = Array.from({ length: nodesFor(workloads) }, (_, node) => nodeName(node))
    this.#known = Array.from({ length: workloads }, (_, index) => {
      return { index, part: partOf(index, scene), situation: undefined, request: undefined }
    })
    const drivers = new Map([[spiffeDriver.name, renewalRules.csiDriverSpiffe]])
    const agents = [agent.name]
    const renewal = { drivers, files: new Map() }
    this.ledger = new Ledger({ clock, sources, maxIssuers: 100, agents, svidAgents: agents, renewal })
    this.#api = new ApiReports(this.ledger.report)
  }

  /** Resolves once the ledger knows everything as it is now. */
  static async create(options: SceneClusterOptions): Promise<SceneCluster> {
    const cluster = new SceneCluster(options, await Requests.create(options.clock.now()))
    cluster.#list()
    cluster.#goOn()
    cluster.#hearNodes()
    return cluster
  }

  /** Lets time pass for the cluster until `signal` aborts: SVIDs are renewed or not, and sources keep contact. */
  async run(signal: AbortSignal): Promise<void> {
    for (let tick = 1; !signal.aborted; tick += 1) {
      await this.#clock.sleep(tickMs, signal)
      this.#goOn()
      if (tick % heartbeatTicks === 0) this.#hearNodes()
      if (tick % bookmarkTicks === 0) for (const source of apiSources) this.#report({ kind: 'contact', source })
    }
  }

  #list(): void {
    const named = (name: string) => ({ uid: name, name })
    const agents = this.#nodes.map((node): Observation => ({ kind: 'pod', pod: agentPod(node) }))
    const project = podProjection({ drivers: [spiffeDriver.name], agents: [agent], agentSockets: [] })
    const pods = this.#known.map(({ index }): Observation => ({ kind: 'pod', pod: project(podOf(workloadOf(index))) }))
    this.#api.list(
      'namespaces',
      Array.from({ length: namespaces }, (_, index) => {
        return { kind: 'namespace', namespace: { ...named(namespaceName(index)), expectsSvids: false } }
      }),
    )
    this.#api.list(
      'nodes',
      this.#nodes.map((node) => ({ kind: 'node', node: named(node) })),
    )
    this.#api.list(
      'csiNodes',
      this.#nodes.map((node) => ({ kind: 'csiNode', csiNode: { ...named(node), agents: [agent.name] } })),
    )
    this.#api.list('pods', [...agents, ...pods])
    this.#api.list('certificateRequests', [])
    this.#report({ kind: 'contact', source: 'nodeFindings' })
    for (const node of this.#nodes) {
      this.#report({ kind: 'findingsListing', node })
      this.#report({ kind: 'findingsListed', node })
    }
  }

  #hearNodes(): void {
    for (const node of this.#nodes) this.#report({ kind: 'nodeContact', node })
  }

  /** Reports what has changed since it was called last. */
  #goOn(): void {
    const nowMs = this.#clock.now()
    for (const known of this.#known) {
      const now = situationAt(known.part, nowMs, this.#outageSinceMs)
      const before = known.situation
      if (before?.issuedMs !== now.issuedMs) this.#issue(known, now.issuedMs)
      if (now.askedMs !== undefined && before?.askedMs === undefined) this.#ask(known, now.askedMs)
      known.situation = now
    }
  }

  #issue(known: Known, issuedMs: number): void {
    const workload = workloadOf(known.index)
    const pending = this.#requests.pending(workload, issuedMs - answerMs)
    const approved = this.#requests.approved(pending, issuedMs - answerMs)
    const request = this.#replace(known, this.#requests.issued(approved, workload, issuedMs))
    if (request.svid === undefined) throw new Error(`the CertificateRequest of ${workload.pod} is not understood`)
    const { podUid, node } = workload
    const mounted = { podUid, volume, reading: { svid: request.svid }, writtenMs: issuedMs, mountBirthMs: 0 }
    this.#report({ kind: 'mounted', mounted, node })
  }

  #ask(known: Known, askedMs: number): void {
    const pending = this.#requests.pending(workloadOf(known.index), askedMs)
    this.#replace(known, withPending(this.#requests.approved(pending, askedMs), askedMs))
  }

  #replace(known: Known, object: CertificateRequest): RequestObservation {
    const request = this.#api.replaceRequest(known.request, object, known.part.issuer)
    known.request = request.uid
    return request
  }

  #report(observation: Observation): void {
    this.ledger.report(observation)
  }
}

function agentPod(node: string) {
  const name = `${agent.name}-${node}`
  const running = { ended: false, volumes: [], needs: [], posture: [], agent: { name: agent.name, ready: true } }
  return { uid: name, namespace: 'cert-manager', name, node, ...running }
}
