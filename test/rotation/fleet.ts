import { hash } from 'node:crypto'
import { spiffeDriver } from '../../src/config/spiffeDriver.ts'
import { volumeHash } from '../../src/identity/volumeHash.ts'
import type { X509Svid } from '../../src/identity/x509Svid.ts'
import type { RequestObservation } from '../../src/ledger/issuance/observations.ts'
import type { Observation } from '../../src/ledger/observations.ts'
import type { MountedObservation, PodObservation } from '../../src/ledger/workloads/observations.ts'
import type { Chance } from '../paging/chance.ts'
import type { Agenda } from '../paging/world/agenda.ts'
import { bundleOf, newCa, renewedCa, trusts, type Ca } from './authorities.ts'

export const trustDomain = 'example.org'
export const bundleName = 'spiffe-ca'
export const agent = 'csi-driver-spiffe'
const issuer = 'ClusterIssuer/spiffe-ca'
/** The namespace of the drivers, whose ConfigMap is their source bundle. */
const driverNamespace = 'cert-manager'
const volume = 'spiffe'

const minuteMs = 60_000
export const lifetimeMs = 60 * minuteMs
const renewsAfterMs = (lifetimeMs * 2) / 3
/** How long the kubelet takes at most until a changed ConfigMap is in its files. */
const kubeletMs = minuteMs

/** One volume of a pod. What is in it is replaced, and never changed. */
export interface Volume {
  readonly number: number
  readonly podUid: string
  readonly pod: string
  readonly namespace: string
  readonly node: string
  readonly content: Content
}

/** The SVID in a volume, the CA that has signed it, and the CAs in the bundle beside it. */
export interface Content {
  readonly svid: X509Svid
  readonly signer: Ca
  readonly bundle: readonly Ca[]
  readonly writtenMs: number
}

/** Who hears of a change; `node` is the node whose files show it, undefined for what the API shows. */
export type Listener = (observation: Observation, node: string | undefined) => void

interface FleetOptions {
  readonly agenda: Agenda
  readonly chance: Chance
  readonly workloads: number
}

/** Seconds, as certificates and Kubernetes have times. */
const seconds = (ms: number): number => Math.floor(ms / 1000) * 1000

/**
 * A cluster with one issuer, trust-manager, and a csi-driver-spiffe on each node: who has which SVID and which bundle. Its times are those
 * of the agenda.
 */
export class Fleet {
  readonly beganMs: number
  readonly nodes: readonly string[]
  readonly namespaces: readonly string[]
  readonly volumes: Volume[] = []
  /** The CAs in the ConfigMap of each namespace. */
  readonly copies = new Map<string, readonly Ca[]>()
  /** The key ids of the CAs that the driver on each node has ever written into a volume. */
  readonly history = new Map<string, Set<string>>()
  /** When the bundle in a volume was last replaced by another one. */
  bundleChangedMs = -Infinity
  readonly #agenda: Agenda
  readonly #chance: Chance
  readonly #listeners = new Set<Listener>()
  readonly #requests = new Map<number, RequestObservation>()
  /** The CAs in the source bundle of the driver on each node. */
  readonly #sourceBundles = new Map<string, readonly Ca[]>()
  readonly #held = new Set<string>()
  readonly #keeping = new Set<number>()
  #cas: readonly Ca[]
  #signer: Ca
  #source: readonly Ca[]
  #distributes = true
  #version = 1

  constructor({ agenda, chance, workloads }: FleetOptions) {
    this.#agenda = agenda
    this.#chance = chance
    this.beganMs = agenda.nowMs
    const count = (each: number, least: number) => Math.max(least, Math.ceil(workloads / each))
    this.nodes = Array.from({ length: count(40, 3) }, (_, index) => `node-${index}`)
    const teams = Array.from({ length: Math.min(30, count(20, 4)) }, (_, index) => `team-${index}`)
    this.namespaces = [driverNamespace, ...teams]
    this.#signer = newCa(1, agenda.nowMs - 30 * 24 * lifetimeMs)
    this.#cas = [this.#signer]
    this.#source = this.#cas
    for (const namespace of this.namespaces) this.copies.set(namespace, this.#source)
    for (const node of this.nodes) {
      this.#sourceBundles.set(node, this.#source)
      this.history.set(node, new Set([this.#signer.keyId]))
    }
    for (let number = 0; number < workloads; number += 1) this.#begin(number, teams)
  }

  get nowMs(): number {
    return this.#agenda.nowMs
  }

  get resourceVersion(): string {
    return String(this.#version)
  }

  /** Returns a function that ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** There is another CA, in the source of the Bundle beside the others. It does not sign. */
  announce(): void {
    this.#setSource([...this.#source, this.#create()])
  }

  /** There is another certificate of the key that signs, in the source of the Bundle instead of the one before. */
  renewCertificate(): void {
    this.#signer = renewedCa(this.#signer, this.nowMs)
    this.#setSource([this.#signer])
  }

  /** The newest CA signs. */
  sign(): void {
    this.#signer = this.#cas.at(-1) ?? this.#signer
  }

  /** The CA before the newest one signs again. */
  signWithOlder(): void {
    this.#signer = this.#cas.at(-2) ?? this.#signer
  }

  /** The source of the Bundle has only the newest CA. */
  dropOlder(): void {
    this.#setSource(this.#cas.slice(-1))
  }

  /** The source of the Bundle has no CA but the one that signs. */
  dropOthers(): void {
    this.#setSource([this.#signer])
  }

  /** The Secret of the CA is deleted: a new CA signs, and is alone in the source of the Bundle. */
  deleteSecret(): void {
    this.#signer = this.#create()
    this.#setSource([this.#signer])
  }

  stopTrustManager(): void {
    this.#distributes = false
  }

  startTrustManager(): void {
    this.#distributes = true
    this.#distribute()
  }

  /** Somebody writes a CA that nobody knows into the ConfigMap of a namespace, which trust-manager undoes if it runs. */
  editCopy(namespace: string): void {
    this.#putCopy(namespace, [newCa(1000, this.nowMs)])
    this.#distribute()
  }

  /** The drivers on these nodes keep their source bundles. */
  hold(nodes: readonly string[]): void {
    for (const node of nodes) this.#held.add(node)
  }

  /** The drivers that kept theirs read the ConfigMap again. */
  release(): void {
    this.#held.clear()
    this.#readSourceBundles()
  }

  /** The files of a volume keep the bundle that they have, although its SVIDs are renewed. */
  keepBundle(number: number): void {
    this.#keeping.add(number)
  }

  /** A pod is replaced by one with another name. */
  replace(number: number): void {
    const before = this.volumes[number]
    if (before === undefined) return
    const request = this.#requests.get(number)
    this.#tell({ kind: 'podDeleted', uid: before.podUid })
    this.#tell({ kind: 'unmounted', node: before.node, podUid: before.podUid, volume }, before.node)
    if (request) this.#tell({ kind: 'requestDeleted', uid: request.uid, resourceVersion: this.#next() })
    const podUid = `${before.podUid}-next`
    const after = { ...before, podUid, pod: `${before.pod}-next` }
    this.volumes[number] = after
    this.#tell({ kind: 'pod', pod: podOf(after) })
    this.#requests.delete(number)
    this.#issue(number, this.nowMs)
  }

  /** What a list of the API shows, by the source that lists it. */
  objects() {
    return {
      namespaces: this.namespaces.map((name): Observation => ({
        kind: 'namespace',
        namespace: { uid: name, name, expectsSvids: false },
      })),
      nodes: this.nodes.map((name): Observation => ({ kind: 'node', node: { uid: name, name } })),
      csiNodes: this.nodes.map((name): Observation => ({
        kind: 'csiNode',
        csiNode: { uid: name, name, agents: [agent] },
      })),
      pods: [
        ...this.nodes.map((node): Observation => ({ kind: 'pod', pod: driverPod(node) })),
        ...this.volumes.map((one): Observation => ({ kind: 'pod', pod: podOf(one) })),
      ],
      certificateRequests: Array.from(this.#requests.values(), (request): Observation => ({
        kind: 'request',
        change: 'added',
        listed: true,
        request,
      })),
      trustManagerBundles: [bundleObject],
      trustBundles: Array.from(this.copies, ([namespace, cas]) => copyOf(namespace, cas)),
    }
  }

  /** What the node role of a node tells at its start. */
  findings(node: string): readonly MountedObservation[] {
    return this.volumes.filter((one) => one.node === node).map(findingOf)
  }

  #create(): Ca {
    const ca = newCa(this.#cas.length + 1, this.nowMs)
    this.#cas = [...this.#cas, ca]
    return ca
  }

  #setSource(source: readonly Ca[]): void {
    this.#source = source
    this.#distribute()
  }

  /** trust-manager takes up to a second. */
  #distribute(): void {
    this.#later(1000, () => {
      if (!this.#distributes) return
      for (const [namespace, cas] of this.copies) if (cas !== this.#source) this.#putCopy(namespace, this.#source)
    })
  }

  #putCopy(namespace: string, cas: readonly Ca[]): void {
    this.copies.set(namespace, cas)
    this.#tell(copyOf(namespace, cas))
    if (namespace === driverNamespace) this.#readSourceBundles()
  }

  #readSourceBundles(): void {
    for (const node of this.nodes)
      this.#later(kubeletMs, () => {
        const cas = this.copies.get(driverNamespace) ?? []
        if (this.#held.has(node) || this.#sourceBundles.get(node) === cas) return
        this.#sourceBundles.set(node, cas)
        for (const one of this.volumes)
          if (one.node === node) this.#later(500, () => this.#write(one.number, this.volumes[one.number]?.content))
      })
  }

  /** Starts a pod whose SVID was issued within the last 40 minutes. */
  #begin(number: number, namespaces: readonly string[]): void {
    const issuedMs = this.nowMs - this.#chance.random() * renewsAfterMs
    const names = {
      podUid: `uid-${number}`,
      pod: `pod-${number}`,
      namespace: namespaces[number % namespaces.length] ?? '',
      node: this.nodes[this.#chance.whole(0, this.nodes.length - 1)] ?? '',
    }
    const svid = this.#sign(number, names.namespace, issuedMs)
    const content = { svid, signer: this.#signer, bundle: this.#source, writtenMs: issuedMs }
    this.volumes.push({ number, ...names, content })
    this.#requests.set(number, this.#request(number, svid))
    this.#agenda.at(issuedMs + renewsAfterMs, () => this.#issue(number, issuedMs))
  }

  /** Renews the SVID of a volume, unless another one was issued meanwhile. */
  #issue(number: number, forMs: number): void {
    const { volumes } = this
    const one = volumes[number]
    if (one === undefined) return
    const before = this.#requests.get(number)
    if (before && before.createdMs > seconds(forMs)) return
    if (before) this.#tell({ kind: 'requestDeleted', uid: before.uid, resourceVersion: this.#next() })
    const { nowMs } = this
    const [svid, signer] = [this.#sign(number, one.namespace, nowMs), this.#signer]
    const request = this.#request(number, svid)
    this.#requests.set(number, request)
    this.#tell({ kind: 'request', change: 'added', listed: false, request })
    this.#write(number, { ...one.content, svid, signer })
    this.#agenda.at(nowMs + renewsAfterMs, () => this.#issue(number, nowMs))
  }

  /** Writes an SVID into a volume, with the bundle that its driver has. */
  #write(number: number, content: Omit<Content, 'writtenMs'> | undefined): void {
    const one = this.volumes[number]
    if (one === undefined || content === undefined) return
    const bundle = this.#keeping.has(number) ? content.bundle : (this.#sourceBundles.get(one.node) ?? content.bundle)
    for (const { keyId } of bundle) this.history.get(one.node)?.add(keyId)
    if (bundle !== content.bundle) this.bundleChangedMs = this.nowMs
    const written = { ...one, content: { ...content, bundle, writtenMs: this.nowMs } }
    this.volumes[number] = written
    this.#tell({ kind: 'mounted', node: one.node, mounted: findingOf(written) }, one.node)
  }

  #sign(number: number, namespace: string, atMs: number): X509Svid {
    const notBeforeMs = seconds(atMs)
    const { keyId, notBeforeMs: caNotBeforeMs, notAfterMs: caNotAfterMs } = this.#signer
    return {
      spiffeId: identityOf(namespace, number),
      trustDomain,
      notBeforeMs,
      notAfterMs: notBeforeMs + lifetimeMs,
      fingerprint: hash('sha256', `svid ${number} ${atMs}`),
      chain: { notBeforeMs: caNotBeforeMs, notAfterMs: caNotAfterMs },
      authorityKeyId: keyId,
    }
  }

  #request(number: number, svid: X509Svid): RequestObservation {
    const { podUid = `uid-${number}`, pod = `pod-${number}`, namespace = '' } = this.volumes[number] ?? {}
    const createdMs = svid.notBeforeMs
    return {
      ...{
        uid: svid.fingerprint.slice(0, 32),
        name: `request-${number}`,
        resourceVersion: this.#next(),
        namespace,
        issuer,
      },
      ...{ state: 'issued', reason: '', createdMs, approvedMs: createdMs, concludedMs: createdMs, svid },
      ...{ spiffeId: svid.spiffeId, trustDomain, annotationLies: false },
      ...{ owner: { podUid, podName: pod }, volumeHash: volumeHash(podUid, volume) },
    }
  }

  #later(longestMs: number, action: () => void): void {
    this.#agenda.at(this.nowMs + this.#chance.random() * longestMs, action)
  }

  #next(): string {
    this.#version += 1
    return String(this.#version)
  }

  #tell(observation: Observation, node?: string): void {
    for (const listener of this.#listeners) listener(observation, node)
  }
}

const accountOf = (number: number): string => `account-${number}`
const identityOf = (namespace: string, number: number): string =>
  `spiffe://${trustDomain}/ns/${namespace}/sa/${accountOf(number)}`

const podOf = ({ podUid, pod, namespace, node, number }: Omit<Volume, 'content'>): PodObservation => ({
  ...{ uid: podUid, namespace, name: pod, node, ended: false },
  volumes: [{ name: volume, driver: spiffeDriver.name }],
  serviceAccount: accountOf(number),
  needs: [agent],
  posture: [],
})

const driverPod = (node: string): PodObservation => ({
  ...{ uid: `driver-${node}`, namespace: driverNamespace, name: `driver-${node}`, node, ended: false },
  volumes: [],
  needs: [],
  agent: { name: agent, ready: true },
  posture: [],
})

const bundleObject: Observation = {
  kind: 'bundleObject',
  object: {
    ...{ uid: 'bundle', api: 'Bundle', name: bundleName },
    synced: { is: true, reason: 'Synced', message: 'Successfully synced Bundle to all namespaces' },
  },
}

const copyOf = (namespace: string, cas: readonly Ca[]): Observation => ({
  kind: 'bundleCopy',
  copy: { uid: `copy-${namespace}`, name: bundleName, namespace, content: { bundle: bundleOf(cas) } },
})

function findingOf({ podUid, content }: Volume): MountedObservation {
  const { svid, signer, bundle, writtenMs } = content
  const {
    fingerprint: authority,
    notBeforeMs,
    notAfterMs,
  } = bundle.find(({ keyId }) => keyId === signer.keyId) ?? signer
  const verdict = trusts(bundle, signer)
    ? { authority, period: { notBeforeMs, notAfterMs } }
    : ({ refusal: 'unknown_authority', detail: '' } as const)
  return { podUid, volume, reading: { svid }, writtenMs, bundle: bundleOf(bundle), verdict, mountBirthMs: 0 }
}
