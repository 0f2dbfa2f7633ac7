import { expect, onTestFinished } from 'vitest'
import { createClientFromText } from '../../src/kubernetes/client.ts'
import { Elector, type ElectorOptions } from '../../src/kubernetes/elector.ts'
import type { Leadership } from '../../src/kubernetes/leadership.ts'
import { LeaseClient } from '../../src/kubernetes/lease.ts'
import { startApiServer, type ApiServerOptions } from '../../src/world/apiServer/server.ts'
import type { KubernetesObject } from '../../src/world/apiServer/object.ts'
import { createStore } from '../../src/world/apiServer/store.ts'
import { FaultyClient, passTime } from './faultyClient.ts'
import { WorkingClock } from './workingClock.ts'

export const leaseName = { namespace: 'monitoring', name: 'svidwatch', annotation: 'svidwatch.io/watchdog-history' }
const { namespace, name, annotation } = leaseName

/** A process that takes part in an election. */
export interface Candidate {
  readonly client: FaultyClient
  readonly elector: Elector
  readonly problems: string[]
  /** The leadership of this process, or its last one. */
  leadership: Leadership | undefined
  /** Ends the process as it should end. */
  stop(): Promise<void>
  /** Nothing that the process sends from now on arrives. */
  kill(): void
}

type Lead = (leadership: Leadership, candidate: Candidate, signal: AbortSignal) => Promise<void>

/** Candidates for one Lease on an embedded API server, whose time passes only while a test waits. */
export class Election {
  readonly clock: WorkingClock
  readonly store
  readonly candidates: Candidate[] = []
  readonly #kubeconfig: string

  static async start(access: Pick<ApiServerOptions, 'rights'> = {}): Promise<Election> {
    const clock = new WorkingClock(() => undefined)
    const store = createStore(clock)
    const server = await startApiServer({ clock, store, ...access })
    onTestFinished(() => server.close())
    return new Election(clock, store, server.kubeconfig)
  }

  private constructor(clock: WorkingClock, store: ReturnType<typeof createStore>, kubeconfig: string) {
    this.clock = clock
    this.store = store
    this.#kubeconfig = kubeconfig
  }

  /** Adds a process. By default it does nothing while it leads. */
  join(options: { readonly lead?: Lead; readonly restores?: ElectorOptions['restores'] } = {}): Candidate {
    const { clock } = this
    const client = createClientFromText(this.#kubeconfig, clock)
    const faulty = new FaultyClient(client, clock)
    const ended = new AbortController()
    const idle: Lead = (leadership, _candidate, signal) =>
      clock.sleep(Infinity, AbortSignal.any([leadership.signal, signal]))
    const problems: string[] = []
    const elector = new Elector({
      clock,
      client: new LeaseClient(faulty, leaseName),
      identity: `svidwatch-${this.candidates.length}_1`,
      lead: (leadership) => {
        candidate.leadership = leadership
        return (options.lead ?? idle)(leadership, candidate, ended.signal)
      },
      ...(options.restores && { restores: options.restores }),
      onProblem: (message) => problems.push(message),
    })
    const running = elector.run(ended.signal)
    const stop = async () => {
      ended.abort()
      await running
    }
    const kill = () => void (faulty.fault = () => 'unsent')
    const candidate: Candidate = { client: faulty, elector, problems, leadership: undefined, stop, kill }
    this.candidates.push(candidate)
    onTestFinished(() => {
      ended.abort()
      client.close()
    })
    return candidate
  }

  /** Lets time pass, in which there are never two leaders. */
  pass(ms: number): Promise<void> {
    const clients = this.candidates.map(({ client }) => client)
    return passTime(this.clock, ms, clients, () => expect(this.leaders.length).toBeLessThan(2))
  }

  /** Lets time pass until `check` is true, and returns how much that was. It may be up to a time limit. */
  async passUntil(check: () => boolean, limitMs = 60_000): Promise<number> {
    const startMs = this.clock.monotonicMs()
    while (!check()) {
      await this.pass(200)
      if (this.clock.monotonicMs() - startMs > limitMs) throw new Error(`not within ${limitMs / 1000} s`)
    }
    return this.clock.monotonicMs() - startMs
  }

  get leaders(): Candidate[] {
    return this.candidates.filter(({ elector }) => elector.isLeader)
  }

  /** Waits for a leader, and returns it. */
  async leader(): Promise<Candidate> {
    await this.passUntil(() => this.leaders.length > 0)
    const [leader] = this.leaders
    if (leader === undefined) throw new Error('nobody leads')
    return leader
  }

  /** The other ones that take part. */
  others(than: Candidate): Candidate[] {
    return this.candidates.filter((candidate) => candidate !== than)
  }

  get lease(): KubernetesObject | undefined {
    return this.store.get('leases', namespace, name)
  }

  /** The text in the Lease. */
  get text(): string | undefined {
    return this.lease?.metadata.annotations?.[annotation]
  }

  /** Changes the Lease as somebody does who edits it. No rule is checked. */
  edit(change: (lease: KubernetesObject) => Partial<KubernetesObject>): void {
    const { lease } = this
    if (lease !== undefined) this.store.update('leases', { ...lease, ...change(lease) })
  }

  delete(): void {
    this.store.delete('leases', namespace, name)
  }
}
