import { workloadStates } from '../../ledger/workloads/view.ts'
import type { Catalogue } from './declaration.ts'

const ofPods = { type: 'gauge', roles: ['cluster'], since: '0.1.0' } as const

/** Which pods have SVIDs, and which put them at risk. */
export const coverageMetrics = {
  spiffe_workloads: {
    ...ofPods,
    help: 'Workloads by the state of their SVIDs. A workload is a pod that runs and is no agent, or a configured file, which has no namespace. Pods are counted in namespaces where one mounts a volume for an SVID, or that are labelled to expect SVIDs. Of several SVIDs of a pod the worst counts: expired, pending (no SVID is known yet), valid; none is a pod without a volume for one.',
    roles: ['cluster', 'standalone'],
    sources: ['pods', 'files'],
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
