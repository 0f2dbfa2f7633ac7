import type { coverageMetrics } from '../catalogue/coverage.ts'
import { labelText } from '../labelText.ts'
import type { Collectors } from '../snapshot.ts'

export const coverageCollectors: Collectors<typeof coverageMetrics> = {
  spiffe_workloads(samples, snapshot) {
    for (const { namespace, state, count } of snapshot.surveyed().workloads)
      samples.add(labelText(['namespace', 'state'], [namespace, state]), count)
  },
  spiffe_posture_pods(samples, { ledger }) {
    for (const { namespace, finding, count } of ledger.posture())
      samples.add(labelText(['namespace', 'finding'], [namespace, finding]), count)
  },
}
