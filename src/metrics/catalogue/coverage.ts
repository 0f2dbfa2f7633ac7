import { workloadStates } from '../../ledger/workloads/view.ts'
import type { Catalogue } from './declaration.ts'

const ofPods = { type: 'gauge', roles: ['cluster'], since: '0.1.0' } as const

/** Which pods have SVIDs, and which put them at risk. */
export const coverageMetrics = {
  spiffe_workloads: {
    ...ofPods,
    help: 'Pods on the nodes, but for ended ones and agents, by how it stands with their SVIDs. Counted in namespaces where a pod mounts a volume for an SVID, or that are labelled to expect SVIDs; of several SVIDs of a pod the worst counts: expired, pending (it has a volume, and no SVID is known), valid; none is a pod without such a volume.',
    labels: ['namespace', 'state'],
    stability: 'stable',
    cardinality: `${Object.keys(workloadStates).length} (the states) for each namespace that uses or expects SVIDs`,
  },
  spiffe_posture_pods: {
    ...ofPods,
    help: 'Pods that have not ended and have what puts identities at risk, by what it is. host_pid: it can pose as other workloads of its node; socket_file_mount: it loses the agent once the agent restarts.',
    labels: ['namespace', 'finding'],
    stability: 'experimental',
    cardinality: 'one for each namespace and finding that occurs',
  },
} as const satisfies Catalogue
