import type { problemMetrics } from '../catalogue/problems.ts'
import type { Collectors } from '../snapshot.ts'

export const problemCollectors: Collectors<typeof problemMetrics> = {
  spiffe_problem_since_timestamp_seconds(samples, { problems }) {
    samples.addSeconds(problems.labels, problems.sinceMs)
  },
}
