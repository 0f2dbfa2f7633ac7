import type { Refusal } from '../sight/view.ts'
import type { PodObservation } from './observations.ts'

/** Returns the refusal of a node role's finding about a pod on another node. */
export const wrongNode = (node: string, volume: string, pod: PodObservation): Refusal => ({
  source: 'nodeFindings',
  reason: 'wrong_node',
  where: `${node}: volume ${volume} of pod ${pod.namespace}/${pod.name}, which is on ${pod.node}`,
  detail: `not used: a node role may report only pods on its own node; check what answers as the node role of ${node}`,
})
