import type { servedMetrics } from '../catalogue/served.ts'
import { labelText } from '../labelText.ts'
import type { Collectors } from '../snapshot.ts'

export const servedCollectors: Collectors<typeof servedMetrics> = {
  svidwatch_probes_total(samples, { ledger }) {
    for (const [outcome, count] of ledger.probes()) samples.add(labelText(['outcome'], [outcome]), count)
  },
  spiffe_workload_probes(samples, snapshot) {
    for (const { namespace, state, count } of snapshot.surveyed().probes)
      samples.add(labelText(['namespace', 'state'], [namespace, state]), count)
  },
  spiffe_federated_probes_total(samples, { ledger }) {
    for (const { trustDomain, result, count } of ledger.federatedProbes())
      samples.add(labelText(['trust_domain', 'result'], [trustDomain, result]), count)
  },
}
