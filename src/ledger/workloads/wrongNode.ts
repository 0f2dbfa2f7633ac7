import type { Refusal } from '../sight/view.ts'
import type { PodObservation } from './observations.ts'

/** How a finding is refused that a node role tells of a volume of a pod on another node. */
export const wrongNode = (node: string, volume: string, pod: PodObservation): Refusal => ({
  source: 'nodeFindings',
  reason: 'wrong_node',
  where: `${node}: volume ${volume} of pod ${pod.namespace}/${pod.name}, which is on ${pod.node}`,
  detail: `not used: a node role is believed only of pods on its own node; see what answers as the node role of ${node}`,
})
