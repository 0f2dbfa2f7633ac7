import type { MountedObservation, PodObservation } from '../../../src/ledger/workloads/observations.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import type { RequestObservation } from '../../../src/ledger/issuance/observations.ts'
import type { X509Svid } from '../../../src/identity/x509Svid.ts'
import { Agenda } from './agenda.ts'
import { serverPort } from './workload.ts'

/** A mounted volume, as the files of its node show it. */
export interface Mount {
  readonly node: string
  readonly mounted: MountedObservation
}

/** What a Kubernetes API and the files of all nodes show at present; whoever watches is told of each change. */
export class World {
  readonly agenda: Agenda
  readonly requests = new Map<string, RequestObservation>()
  readonly pods = new Map<string, PodObservation>()
  readonly mounts = new Map<string, Mount>()
  /** What the server in a pod presents, by the uid of the pod. */
  readonly servers = new Map<string, X509Svid>()
  readonly namespaces = new Set<string>()
  readonly nodes: string[] = []
  readonly #watchers = new Set<(observation: Observation) => void>()
  #version = 1000
  #made = 0

  constructor(startMs: number) {
    this.agenda = new Agenda(startMs)
  }

  get nowMs(): number {
    return this.agenda.nowMs
  }

  get version(): string {
    return String(this.#version)
  }

  /** A name that nothing had before. */
  fresh(kind: string): string {
    this.#made += 1
    return `${kind}-${String(this.#made).padStart(6, '0')}`
  }

  watch(watcher: (observation: Observation) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  putRequest(request: Omit<RequestObservation, 'resourceVersion'>): void {
    const change = this.requests.has(request.uid) ? 'modified' : 'added'
    const versioned = { ...request, resourceVersion: this.#next() }
    this.requests.set(request.uid, versioned)
    this.#tell({ kind: 'request', change, listed: false, request: versioned })
  }

  deleteRequest(uid: string): void {
    if (this.requests.delete(uid)) this.#tell({ kind: 'requestDeleted', uid, resourceVersion: this.#next() })
  }

  putPod(pod: PodObservation): void {
    this.namespaces.add(pod.namespace)
    this.pods.set(pod.uid, pod)
    this.#tell({ kind: 'pod', pod })
  }

  deletePod(uid: string): void {
    if (this.pods.delete(uid)) this.#tell({ kind: 'podDeleted', uid })
  }

  mount(node: string, mounted: MountedObservation): void {
    this.mounts.set(mounted.podUid, { node, mounted })
    this.#tell({ kind: 'mounted', node, mounted })
  }

  unmount(podUid: string): void {
    const mount = this.mounts.get(podUid)
    if (!this.mounts.delete(podUid) || !mount) return
    this.#tell({ kind: 'unmounted', node: mount.node, podUid, volume: mount.mounted.volume })
  }

  /** The server of a pod runs no more. */
  stopServer(podUid: string): void {
    if (this.servers.delete(podUid)) this.#tell({ kind: 'unserved', target: { podUid, port: serverPort } })
  }

  #next(): string {
    this.#version += 1
    return String(this.#version)
  }

  #tell(observation: Observation): void {
    for (const watcher of this.#watchers) watcher(observation)
  }
}
