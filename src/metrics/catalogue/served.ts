import { federatedResults, probeOutcomes } from '../../ledger/workloads/reasons.ts'
import { probeStates } from '../../ledger/workloads/view.ts'
import type { Catalogue } from './declaration.ts'

const served = { roles: ['cluster', 'standalone'], sources: ['servedSvids'], since: '0.1.0' } as const

/** What was probed for the SVIDs that servers present. */
export const servedMetrics = {
  svidwatch_probes_total: {
    ...served,
    help: 'Number of probes of TLS servers that have ended, by what they came to. The total begins at 0 when svidwatch starts.',
    type: 'counter',
    labels: ['outcome'],
    stability: 'stable',
    cardinality: `${Object.keys(probeOutcomes).length} (the outcomes)`,
  },
  spiffe_workload_probes: {
    ...served,
    help: 'Number of running pods with a volume for an SVID, and of configured targets, which have no namespace, by what the probes of their servers found. If several ports of a pod were probed, the first of these states counts: served, other_identity, no_spiffe_id, unreachable, host_network, no_target, pending. What is not served is not looked at: no server of such a pod is known to be behind.',
    type: 'gauge',
    labels: ['namespace', 'state'],
    stability: 'stable',
    cardinality: `${Object.keys(probeStates).length} (the states) for each namespace with a running pod that has a volume for an SVID`,
  },
  spiffe_federated_probes_total: {
    ...served,
    alongside: 'bundleEndpoints',
    help: 'Number of probes of configured targets that have read an SVID of a trust domain in bundleEndpoints, by whether the SVID verifies against the trust bundle that was fetched for it. It is a counter, so that the share that verifies is known for any time range, and refusals between two scrapes are not lost. A target that presents no SVID is not counted here: svidwatch_probes_total has it. The total begins at 0 when svidwatch starts.',
    type: 'counter',
    labels: ['trust_domain', 'result'],
    stability: 'stable',
    cardinality: `${Object.keys(federatedResults).length} (the results) for each trust domain in bundleEndpoints`,
  },
} as const satisfies Catalogue
