import { gunzipSync } from 'node:zlib'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import type { DiagnosisChange } from '../../../src/diagnosis/diagnosis.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import type { Checkpoint } from '../../../src/ledger/issuance/checkpoint.ts'
import { parseMemory, serializeMemory } from '../../../src/ledger/memory.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import type { SourceName } from '../../../src/ledger/sight/observations.ts'
import { Lifetimes } from '../../../src/sources/certificateRequests/lifetimes.ts'
import { createMetrics, type Metrics } from '../../../src/metrics/scrape.ts'
import { nextWatched, type Play } from '../scenes.ts'
import { serverPort } from '../world/workload.ts'
import type { World } from '../world/world.ts'
import { rules as renewalRules } from '../world/writers.ts'
import type { Diagnosed } from '../score/agreement.ts'
import { memoryOf } from '../../support/ledgerReading.ts'

const apiSources = ['certificateRequests', 'pods', 'namespaces', 'nodes', 'csiNodes'] as const
const agent = 'csi-driver-spiffe'

/** How often node roles send a heartbeat, and the API server a bookmark. */
export const heartbeatMs = 5000
const bookmarkMs = 60_000
/** How often the servers of pods are probed. */
export const probeMs = 60_000
/** The watch of pods is short, and ends with a bookmark. */
export const podsMs = 30_000

/** Returns how old the last evidence of the watch of requests becomes at most, where nothing else happens. */
function evidenceMs({ lifetimeMs }: Play): number {
  const lifetimes = new Lifetimes({ now: () => 0 })
  lifetimes.seen({ notBeforeMs: 0, notAfterMs: lifetimeMs })
  return Math.min(lifetimes.longestWatchS() * 1000, bookmarkMs)
}

/** How often everything is judged, by a svidwatch of some 10,000 workloads. */
export const judgeMs = 1000

/** What a process leaves to the next one. */
export interface State {
  readonly checkpoint: Checkpoint | undefined
  /** As text, as it is stored. */
  readonly memory: string
}

export interface ProcessOptions {
  readonly world: World
  /** When it is looked at; what happens meanwhile is left out. */
  readonly play: Play
  /** Whether it follows node roles, which tell what is mounted. */
  readonly seesNodes: boolean
  /** By how much its clock is ahead. */
  readonly skewMs: number
  /** When it judges for the first time after its start, within the first second. */
  readonly judgeAfterMs: number
  /** When it probes servers for the first time, within the first minute. */
  readonly probeAfterMs: number
  /** Where it notes the renewals of which it says that they were missed. */
  readonly diagnosed: Diagnosed[]
  /** How long its lists take. */
  readonly loadingMs: number
  readonly state: State | undefined
  /** What is out of its sight already. */
  readonly blind: ReadonlySet<string>
}

/** The part of the world that its API shows; a node's files are named by the node. */
export const api = 'api'

/** Returns the source whose watch a change comes from; undefined for changes that are not from the API. */
function sourceOf({ kind }: Observation): SourceName | undefined {
  if (kind === 'request' || kind === 'requestDeleted') return 'certificateRequests'
  return kind === 'pod' || kind === 'podDeleted' ? 'pods' : undefined
}

/** A process of svidwatch's cluster role: the real ledger and the real exposition, told what the world shows. */
export class SvidwatchProcess {
  readonly #world: World
  readonly #play: Play
  readonly #seesNodes: boolean
  readonly #ledger: Ledger
  readonly #diagnoses: Diagnoses
  readonly #metrics: Metrics
  readonly #blind: Set<string>
  readonly #leave: () => void
  readonly #noted = new Map<string, Diagnosed>()
  /** By its own clock. */
  readonly #beganMs: number
  #isLoaded = false
  #hasNodes = false
  #hasListed = false
  #hasStopped = false
  /** What its watches of the API have not delivered; undefined while they are alive. */
  #undelivered: Observation[] | undefined

  constructor({
    world,
    play,
    seesNodes,
    skewMs,
    judgeAfterMs,
    probeAfterMs,
    diagnosed,
    loadingMs,
    state,
    blind,
  }: ProcessOptions) {
    this.#world = world
    this.#play = play
    this.#seesNodes = seesNodes
    this.#blind = new Set(blind)
    const clock = {
      now: () => world.nowMs + skewMs,
      monotonicMs: () => world.nowMs,
      processorMs: () => 0,
      random: () => 0.5,
      sleep: (ms: number) => (ms === 0 ? Promise.resolve() : new Promise<void>(() => undefined)),
    }
    this.#beganMs = clock.now()
    const sources: readonly SourceName[] = [
      ...apiSources,
      'servedSvids',
      ...(seesNodes ? (['nodeFindings'] as const) : []),
    ]
    this.#ledger = new Ledger({
      clock,
      sources,
      maxIssuers: 1000,
      agents: [agent],
      svidAgents: [agent],
      renewal: { drivers: renewalRules, files: new Map() },
    })
    this.#ledger.showCommittedOnly(state?.checkpoint)
    if (state) this.#remember(state.memory)
    this.#diagnoses = new Diagnoses(this.#ledger, clock)
    this.#metrics = createMetrics({
      ledger: this.#ledger,
      diagnoses: this.#diagnoses,
      clock,
      limits: { maxSeries: 1_000_000 },
      build: { version: '0.0.0', nodeVersion: process.version, roles: ['cluster'] },
      sources,
    })
    this.#diagnoses.follow((change) => this.#note(change, diagnosed))
    this.#leave = world.watch((observation) => this.#hear(observation))
    world.agenda.at(world.nowMs + loadingMs, () => this.#load())
    this.#every(heartbeatMs, () => this.#hearNodes())
    this.#every(probeMs, () => this.#probe(), probeAfterMs)
    this.#every(bookmarkMs, () => this.#hearBookmarks(apiSources))
    this.#every(podsMs, () => this.#hearBookmarks(['pods']))
    this.#every(evidenceMs(play), () => this.#hearBookmarks(['certificateRequests']))
    this.#every(judgeMs, () => this.#diagnoses.judge(), judgeAfterMs)
  }

  /** What a scrape is answered. */
  async scrape(): Promise<string> {
    const checkpoint = this.#ledger.checkpoint()
    if (checkpoint) this.#ledger.committed(checkpoint)
    const { body } = await this.#metrics.scrape(undefined)
    const told = gunzipSync(body).toString()
    return told.replace(/^(process_start_time_seconds) .*$/m, `$1 ${this.#beganMs / 1000}`)
  }

  state(): State {
    return { checkpoint: this.#ledger.checkpoint(), memory: serializeMemory(memoryOf(this.#ledger)) }
  }

  stop(): State {
    this.#hasStopped = true
    for (const noted of this.#noted.values()) noted.toMs = Math.min(noted.toMs, this.#world.nowMs)
    this.#leave()
    return this.state()
  }

  /** It does not see the API, or the files of a node, from now on. */
  loseSight(of: string): void {
    this.#blind.add(of)
    if (!this.#isLoaded || (of !== api && !this.#hasNodes)) return
    const trouble = { reason: 'unreachable', detail: '' } as const
    if (of !== api) return this.#report({ kind: 'nodeTrouble', node: of, ...trouble })
    for (const source of apiSources) this.#report({ kind: 'trouble', source, ...trouble })
  }

  /** The API server says nothing more to its watches, and the connections stay. */
  loseWatches(): void {
    if (this.#isLoaded) this.#undelivered ??= []
  }

  /** Its watches are made anew, and go on from where they were. */
  resumeWatches(): void {
    const missed = this.#undelivered ?? []
    this.#undelivered = undefined
    for (const observation of missed) this.#hear(observation)
    this.#hearBookmarks(apiSources)
  }

  gainSight(of: string): void {
    this.#blind.delete(of)
    if (!this.#isLoaded) return
    if (of !== api) return this.#hasNodes ? this.#listNode(of) : undefined
    this.#undelivered = undefined
    this.#listApi()
    this.#followNodes()
  }

  #note({ is, diagnosis }: DiagnosisChange, diagnosed: Diagnosed[]): void {
    const { code, key, subject } = diagnosis
    if (code !== 'renewal_missed' && code !== 'expired') return
    const { nowMs } = this.#world
    if (is === 'begun') {
      const noted = { pod: subject.pod ?? '', fromMs: nowMs, toMs: Infinity }
      diagnosed.push(noted)
      this.#noted.set(`${code} ${key}`, noted)
    } else if (is === 'ended') {
      const noted = this.#noted.get(`${code} ${key}`)
      if (noted) noted.toMs = nowMs
    }
  }

  #remember(text: string): void {
    const stored = parseMemory(text)
    if ('problem' in stored) throw new Error(`what svidwatch stores cannot be read: ${stored.problem}`)
    this.#ledger.restore(stored.memory)
  }

  #load(): void {
    this.#isLoaded = true
    if (this.#blind.has(api)) return this.loseSight(api)
    this.#listApi()
    this.#followNodes()
  }

  /** The API tells where the node roles are. */
  #followNodes(): void {
    if (!this.#seesNodes || this.#hasNodes) return
    this.#hasNodes = true
    this.#report({ kind: 'contact', source: 'nodeFindings' })
    for (const node of this.#world.nodes)
      if (this.#blind.has(node)) this.loseSight(node)
      else this.#listNode(node)
  }

  #hear(observation: Observation): void {
    if (!this.#isLoaded) return
    const isOfNode = observation.kind === 'mounted' || observation.kind === 'unmounted'
    if (isOfNode && !this.#hasNodes) return
    const of = isOfNode ? (observation.node ?? '') : api
    if (of === api && this.#undelivered) return void this.#undelivered.push(observation)
    if (this.#blind.has(of)) return
    this.#report(observation)
    const source = sourceOf(observation)
    if (source) this.#report({ kind: 'contact', source })
  }

  #every(intervalMs: number, action: () => void | Promise<void>, afterMs = intervalMs): void {
    const { agenda } = this.#world
    agenda.at(nextWatched(this.#play, agenda.nowMs + afterMs), () => {
      if (this.#hasStopped) return undefined
      const ended = action()
      this.#every(intervalMs, action)
      return ended
    })
  }

  #hearNodes(): void {
    if (!this.#hasNodes) return
    for (const node of this.#world.nodes) if (!this.#blind.has(node)) this.#report({ kind: 'nodeContact', node })
  }

  #hearBookmarks(sources: readonly SourceName[]): void {
    if (!this.#isLoaded || this.#blind.has(api) || this.#undelivered) return
    for (const source of sources) this.#report({ kind: 'contact', source })
  }

  /** It knows the pods as soon as it has listed them, and probes them also while it does not see the API. */
  #probe(): void {
    if (!this.#hasListed) return
    this.#report({ kind: 'contact', source: 'servedSvids' })
    for (const [podUid, svid] of this.#world.servers)
      this.#report({ kind: 'served', served: { target: { podUid, port: serverPort }, result: { svid } } })
  }

  #listApi(): void {
    this.#hasListed = true
    const { requests, pods, namespaces, nodes } = this.#world
    this.#list(
      'namespaces',
      Array.from(namespaces, (name) => ({ kind: 'namespace', namespace: { uid: name, name, expectsSvids: false } })),
    )
    this.#list(
      'nodes',
      nodes.map((name) => ({ kind: 'node', node: { uid: name, name } })),
    )
    this.#list(
      'csiNodes',
      nodes.map((name) => ({ kind: 'csiNode', csiNode: { uid: name, name, agents: [agent] } })),
    )
    this.#list(
      'pods',
      Array.from(pods.values(), (pod) => ({ kind: 'pod', pod })),
    )
    this.#list(
      'certificateRequests',
      Array.from(requests.values(), (request) => ({ kind: 'request', change: 'added', listed: true, request })),
    )
  }

  #list(source: SourceName, objects: readonly Observation[]): void {
    this.#report({ kind: 'listing', source })
    for (const object of objects) this.#report(object)
    this.#report({ kind: 'listed', source, resourceVersion: this.#world.version })
    this.#report({ kind: 'contact', source })
  }

  #listNode(node: string): void {
    this.#report({ kind: 'findingsListing', node })
    for (const { node: of, mounted } of this.#world.mounts.values())
      if (of === node) this.#report({ kind: 'mounted', node, mounted })
    this.#report({ kind: 'findingsListed', node })
    this.#report({ kind: 'nodeContact', node })
  }

  #report(observation: Observation): void {
    this.#ledger.report(observation)
  }
}
