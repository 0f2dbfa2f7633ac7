import type { PodObservation } from '../../ledger/workloads/observations.ts'
import type { RejectionReason } from '../../ledger/sight/reasons.ts'
import { KubernetesObject, MalformedObjectError } from '../kubernetesObject.ts'
import { internList } from '../sharedStrings.ts'
import { addressProblem } from './podAddress.ts'
import { podPorts } from './podPorts.ts'

/** Where the servers of a pod are probed. */
export interface ProbedPod {
  /** `namespace/name`. */
  readonly where: string
  /** The address of the pod itself; '' if it has none that may be probed. */
  readonly address: string
  /** The pod is in the network of its node, so nothing connects to it. */
  readonly hostNetwork: boolean
  /** At least one, unless there is a problem. */
  readonly ports: readonly number[]
  /** What is wrong with what the pod says. */
  readonly problem?: { readonly reason: RejectionReason; readonly detail: string }
}

/**
 * Returns a function that reads from a Pod (v1) where it is probed; undefined for a pod that has no SVID, no port to probe or no address
 * yet, or that has ended. Never throws: whatever is wrong with the ports of a pod, the pod itself is watched.
 */
export function probedPodProjection(
  portNames: readonly string[],
): (raw: unknown, pod: PodObservation) => ProbedPod | undefined {
  return (raw, pod) => {
    if (pod.volumes.length === 0 || pod.ended) return undefined
    const where = `${pod.namespace}/${pod.name}`
    try {
      return probedPodOf(new KubernetesObject(raw), where, portNames)
    } catch (error) {
      if (!(error instanceof MalformedObjectError)) throw error
      const problem = { reason: 'malformed_object', detail: error.message } as const
      return { where, address: '', hostNetwork: false, ports: [], problem }
    }
  }
}

function probedPodOf(object: KubernetesObject, where: string, portNames: readonly string[]): ProbedPod | undefined {
  const spec = object.object('spec')
  const status = object.object('status')
  const { ports, problem } = podPorts(object.object('metadata'), spec, portNames)
  if (problem !== undefined && ports.length === 0) return { where, address: '', hostNetwork: false, ports, problem }
  const address = status.name('podIP') ?? ''
  const hostNetwork = spec.flag('hostNetwork')
  if (ports.length === 0 || (address === '' && !hostNetwork)) return undefined
  const probed = { where, hostNetwork, ports: internList(ports), ...(problem && { problem }) }
  if (hostNetwork) return { ...probed, address: '' }
  const wrong = addressProblem(address, nodeAddresses(status))
  if (wrong === undefined) return { ...probed, address }
  const detail = `status.podIP is ${address}: ${wrong}`
  return { ...probed, address: '', ports: [], problem: { reason: 'invalid_pod_address', detail } }
}

/** A node of two families has one address of each; API servers before Kubernetes 1.28 tell only the first. */
function nodeAddresses(status: KubernetesObject): readonly string[] {
  const ips = [status.name('hostIP'), ...status.objects('hostIPs').map((host) => host.name('ip'))]
  return ips.filter((ip) => ip !== undefined)
}
