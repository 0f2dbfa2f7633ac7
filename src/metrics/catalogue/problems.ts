import { subjectLabelNames } from '../../diagnosis/diagnosis.ts'
import type { Catalogue } from './declaration.ts'

/** The labels of one problem. */
export const problemLabelNames = ['code', 'severity', ...subjectLabelNames, 'reason', 'explained_by', 'muted'] as const

/** What is wrong. */
export const problemMetrics = {
  spiffe_problem_since_timestamp_seconds: {
    help: 'Since when something is wrong, in seconds since the Unix epoch: one series for each problem and subject, as GET /api/v1/problems lists them. explained_by names the problem that explains this one. muted="true" is a problem of a workload that is to wake nobody. The codes are in docs/problems.md.',
    type: 'gauge',
    labels: problemLabelNames,
    stability: 'experimental',
    cardinality: 'one for each problem; none while all is well, up to two for each SVID in an outage',
    roles: ['cluster', 'standalone'],
    since: '0.1.0',
    unit: 'seconds',
  },
} as const satisfies Catalogue
