import { workloadStates } from '../../ledger/workloads/view.ts'
import type { Catalogue } from './declaration.ts'

const podMetric = { type: 'gauge', roles: ['cluster'], since: '0.1.0' } as const

/** The pods that have or should have SVIDs, and the pods that put identities at risk. */
export const coverageMetrics = {
  spiffe_workloads: {
    ...podMetric,
    help: 'Number of workloads by the state of their SVIDs. A workload is a running pod that is not an agent, or a configured file, which has no namespace. Pods are counted in namespaces where a pod mounts a volume for an SVID, or that are labelled to expect SVIDs. A pod with several SVIDs has the worst of their states: expired, pending (no SVID is known yet), valid. The state none is a pod without a volume for an SVID.',
    roles: ['cluster', 'standalone'],
    sources: ['pods', 'files'],
    labels: ['namespace', 'state'],
    stability: 'stable',
    cardinality: `${Object.keys(workloadStates).length} (the states) for each namespace that uses or expects SVIDs`,
  },
  spiffe_posture_pods: {
    ...podMetric,
    help: 'Number of pods that have not ended and put identities at risk, by finding. host_pid: the pod can impersonate other workloads of its node; socket_file_mount: the pod loses its connection to the agent when the agent restarts.',
    labels: ['namespace', 'finding'],
    stability: 'experimental',
    cardinality: 'one for each namespace and finding that occurs',
  },
} as const satisfies Catalogue
