import { LastPresented } from './lastPresented.ts'
import type { ProbedPod } from './probedPod.ts'
import type { ProbedPods } from './probedPods.ts'
import type { Probing, Target } from './probing.ts'
import type { Schedule } from './schedule.ts'

/** A port of a pod. */
class PodPort implements Target {
  readonly target: { readonly podUid: string; readonly port: number }
  readonly #pods: ProbedPods
  readonly #probing: Probing
  readonly #last: LastPresented

  constructor(target: PodPort['target'], pods: ProbedPods, probing: Probing) {
    this.target = target
    this.#pods = pods
    this.#probing = probing
    this.#last = new LastPresented(probing.authoritiesOf)
  }

  get where(): string {
    const { podUid, port } = this.target
    return `${this.#pods.get(podUid)?.where ?? podUid}, port ${port}`
  }

  /** Probes the port at the address that the pod has now, and checks afterwards that it is still the pod's: addresses are used again. */
  async probe(): Promise<void> {
    const { prober, context, report, route } = this.#probing
    const { podUid, port } = this.target
    const host = this.#pods.get(podUid)?.address ?? ''
    if (host === '') return
    const needsChain = (leaf: Buffer) => this.#last.needsChain(leaf)
    const answer = await prober.probe({ ...route(host, port), context, needsChain })
    const now = this.#pods.get(podUid)
    const isStill = now?.address === host && now.ports.includes(port)
    report({
      kind: 'served',
      served: { target: this.target, result: isStill ? this.#last.resultOf(answer) : podGone },
    })
    if (!now?.ports.includes(port)) report({ kind: 'unserved', target: this.target })
  }
}

const podGone = {
  outcome: 'pod_gone',
  detail: 'the pod ended, or got another address, during the handshake',
} as const
const inHostNetwork = { outcome: 'host_network', detail: 'nothing connects to the address of a node' } as const

/** Keeps the schedule in step with the pods to probe. */
export class PodTargets {
  readonly #pods: ProbedPods
  readonly #probing: Probing
  readonly #schedule: Schedule<Target>
  /** The ports that are probed, by the uid of their pod. */
  readonly #ports = new Map<string, readonly PodPort[]>()

  constructor(pods: ProbedPods, probing: Probing, schedule: Schedule<Target>) {
    this.#pods = pods
    this.#probing = probing
    this.#schedule = schedule
  }

  /** Begins to follow the pods. */
  follow(): void {
    this.#pods.follow((uid, pod = notProbed, before = notProbed) => {
      this.#refuse(pod, before)
      const gone = before.ports.filter((port) => !pod.ports.includes(port))
      for (const port of gone) this.#probing.report({ kind: 'unserved', target: { podUid: uid, port } })
      if (pod.hostNetwork) this.#reportHostNetwork(uid, added(pod.ports, before.ports))
      this.#reschedule(uid, pod, before)
    })
  }

  #refuse({ problem, where }: ProbedPod, before: ProbedPod): void {
    if (problem === undefined || problem.detail === before.problem?.detail) return
    this.#probing.report({ kind: 'rejected', source: 'servedSvids', where, ...problem })
  }

  /** Ports at an address that is new are probed soon; those that stay as they are keep their turn. */
  #reschedule(uid: string, { ports, address }: ProbedPod, before: ProbedPod): void {
    const known = this.#ports.get(uid) ?? []
    const wanted = address === '' ? [] : ports
    const isKept = ({ target }: PodPort) => address === before.address && wanted.includes(target.port)
    const kept = known.filter(isKept)
    for (const port of known) if (!isKept(port)) this.#schedule.remove(port)
    const keptPorts = kept.map(({ target }) => target.port)
    const begun = added(wanted, keptPorts).map((port) => new PodPort({ podUid: uid, port }, this.#pods, this.#probing))
    for (const port of begun) this.#schedule.add(port)
    if (wanted.length === 0) this.#ports.delete(uid)
    else this.#ports.set(uid, [...kept, ...begun])
  }

  #reportHostNetwork(uid: string, ports: readonly number[]): void {
    for (const port of ports) {
      const served = { target: { podUid: uid, port }, result: inHostNetwork }
      this.#probing.report({ kind: 'served', served })
    }
  }
}

/** Stands for a pod that is not probed. */
const notProbed: ProbedPod = { where: '', address: '', hostNetwork: false, ports: [] }

const added = (ports: readonly number[], before: readonly number[]) => ports.filter((port) => !before.includes(port))
