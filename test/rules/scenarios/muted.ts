import type { DiagnosisCode } from '../../../src/diagnosis/codes.ts'
import type { Scenario } from '../scenario.ts'
import { down, Exporter, hour, soon, svid, workload } from '../world.ts'
import { copiesOfOne, first, outage, second, told } from './issuer.ts'

const exporter = new Exporter({ mutedNamespace: 'sandbox' })
const stuck = svid(hour, 0.27, 607)
const sandbox = workload({ namespace: 'sandbox' })
const web = workload()
const codes = [
  'mount_stale',
  'mount_detached',
  'mount_gone',
  'empty_volume',
  'sub_path',
  'not_reloaded',
  'wrong_identity',
  'peer_refuses',
  'unreadable',
  'not_issued',
  'renewed_too_often',
] as const satisfies DiagnosisCode[]
const { waits, issuedLast } = told()

/** Problems that are to wake nobody. */
export const muted: readonly Scenario[] = [
  {
    name: 'a missed renewal that is muted pages nobody, and its neighbour pages',
    series: [
      ...exporter.self(),
      ...exporter.copy('mounted', sandbox, stuck),
      ...exporter.copy('issued', { ...sandbox, pod: 'web-2' }, stuck),
      ...exporter.copy('mounted', web, stuck),
    ],
    moments: [
      [615, soon(web)],
      [2700, soon(web), { ...soon(web), alert: 'SVIDExpired' }],
    ],
  },
  {
    name: 'an outage that concerns only what is muted pages nobody',
    series: [
      ...exporter.self(),
      ...copiesOfOne(sandbox, first, exporter),
      ...copiesOfOne({ ...sandbox, pod: 'web-2' }, second, exporter),
      waits(first.due),
      issuedLast(outage),
    ],
    moments: [[645], [860]],
  },
  {
    name: 'an outage counts the workloads that are not muted',
    series: [
      ...exporter.self(),
      ...copiesOfOne(sandbox, first, exporter),
      ...copiesOfOne(web, second, exporter),
      waits(first.due),
      issuedLast(outage),
    ],
    moments: [[645, down()]],
    says: [
      {
        at: 645,
        firing: down(),
        summary: 'ClusterIssuer/spiffe-ca issues no SVIDs',
        description:
          'ClusterIssuer/spiffe-ca has issued no SVID since 1970-01-01 00:03:43 +0000 UTC, and requests wait or fail. 1 workload has missed the renewal so far. A workload cannot connect any more once its SVID has expired. First: team-a/web-1 (expires in 14m 28s). Restarting pods makes it worse.',
      },
    ],
  },
  ...codes.map((code): Scenario => ({
    name: `a problem that is muted is told to nobody: ${code}`,
    series: [...exporter.self(), exporter.problem(code, { ...sandbox, copy: 'mounted', muted: 'true' }, () => 1)],
    moments: [[1800]],
  })),
]
