import type { DiagnosisCode } from '../../../src/diagnosis/codes.ts'
import type { Firing, Scenario, Series } from '../scenario.ts'
import { Exporter, minute, otherLabelsBut, warning, workload } from '../world.ts'

const clusters = ['east', 'west'] as const
const exporters = new Map(
  clusters.map((cluster) => [cluster, new Exporter({ cluster, instance: `${cluster}:9797` })] as const),
)
const exporterOf = (cluster: string): Exporter => exporters.get(cluster as (typeof clusters)[number]) ?? new Exporter()

/** Alerts fire by 11 min if their problems exist from the beginning. */
const fired = 11 * minute

const podName = (index: number): string => `web-${String(index).padStart(3, '0')}`

/** Problems of a cluster, each of which has existed a second longer than the next one. */
const problems = (count: number, code: DiagnosisCode, cluster: string, more: Readonly<Record<string, string>> = {}) =>
  Array.from({ length: count }, (_, index): Series => {
    const labels = { ...workload({ cluster, pod: podName(index) }), copy: 'mounted', ...more }
    return exporterOf(cluster).problem(code, labels, () => index)
  })

const named = (alert: string, count: number, cluster: string, more: Readonly<Record<string, string>> = {}): Firing[] =>
  Array.from({ length: Math.min(count, 100) }, (_, index) => {
    return warning(alert, { ...workload({ cluster, pod: podName(index) }), ...more })
  })

const others = (code: DiagnosisCode, cluster: string) => warning('SVIDProblemsUnnamed', { cluster, code })

/** A hundred files that cannot be read, and one more that differs from the first of them in one label alone. */
const differing = otherLabelsBut('cluster', 'pod').map(([label, value]): Scenario => {
  const problem = { ...workload({ pod: podName(0) }), reason: 'empty', [label]: value }
  // The first of another namespace have alerts by name.
  const firing =
    label === 'namespace'
      ? [warning('SVIDUnreadable', problem), ...named('SVIDUnreadable', 99, '', { reason: 'empty' })]
      : named('SVIDUnreadable', 100, '', { reason: 'empty' })
  return {
    name: `a file that cannot be read and differs from one of a hundred in its ${label} is counted`,
    series: [
      ...exporterOf('').self(),
      ...problems(100, 'unreadable', '', { reason: 'empty' }),
      exporterOf('').problem('unreadable', { ...problem, copy: 'mounted' }, () => 200),
    ],
    moments: [[fired, others('unreadable', ''), ...firing]],
  }
})

/** A cluster in which a namespace has many more problems than another one, and one in which that one has older problems. */
const sharesOfNamespaces = [
  ['mount_stale', 'SVIDMountStale', {}],
  ['mount_detached', 'SVIDMountDetached', {}],
  ['mount_gone', 'SVIDMountGone', {}],
  ['empty_volume', 'SVIDVolumeEmpty', {}],
  ['sub_path', 'SVIDMountedBySubPath', {}],
  ['not_reloaded', 'SVIDNotReloaded', {}],
  ['wrong_identity', 'SVIDWrongIdentity', { copy: 'served' }],
  ['unreadable', 'SVIDUnreadable', { reason: 'empty' }],
].map(([code, alert, more]): Scenario => {
  const [problem, name] = [code as DiagnosisCode, alert as string]
  const labels = more as Readonly<Record<string, string>>
  const inTeamB = { namespace: 'team-b', ...labels }
  return {
    name: `a namespace has alerts by name for 10 of its problems ${problem}, however many of others are older`,
    series: [
      ...clusters.flatMap((cluster) => exporterOf(cluster).self()),
      ...problems(150, problem, 'east', labels),
      ...problems(162, problem, 'east', inTeamB).slice(150),
      ...problems(20, problem, 'west', inTeamB),
    ],
    moments: [
      [
        // Those that had alerts before keep them for 5 min.
        16 * minute,
        others(problem, 'east'),
        ...named(name, 90, 'east', labels),
        ...Array.from({ length: 10 }, (_, index) =>
          warning(name, { ...workload({ cluster: 'east', pod: podName(150 + index) }), ...inTeamB }),
        ),
        ...named(name, 20, 'west', inTeamB),
      ],
    ],
  }
})

const oneFile = { ...workload(), file: '/run/svid.pem', reason: 'empty' }

/** More SVIDs with the same problem than have alerts by name. */
export const manyWarnings: readonly Scenario[] = [
  ...differing,
  ...sharesOfNamespaces,
  {
    name: 'one file that cannot be read has one alert, with its name',
    series: [...exporterOf('').self(), exporterOf('').problem('unreadable', { ...oneFile, copy: 'mounted' }, () => 0)],
    moments: [[fired, warning('SVIDUnreadable', oneFile)]],
  },
  {
    name: 'each cluster has alerts by name for files of its own that cannot be read',
    series: clusters.flatMap((cluster) => [
      ...exporterOf(cluster).self(),
      ...problems(60, 'unreadable', cluster, { reason: 'empty' }),
    ]),
    moments: [[fired, ...clusters.flatMap((cluster) => named('SVIDUnreadable', 60, cluster, { reason: 'empty' }))]],
  },
  {
    name: 'the count of files that cannot be read ends 5 min after they can be',
    series: [
      ...exporterOf('').self(),
      ...problems(101, 'unreadable', '', { reason: 'empty' }).map(({ at, ...series }) => ({
        ...series,
        at: (t: number) => (t < 12 * minute ? at(t) : ('stale' as const)),
      })),
    ],
    moments: [[990, others('unreadable', ''), ...named('SVIDUnreadable', 100, '', { reason: 'empty' })], [1050]],
  },
  {
    name: 'of 103 stale mounts in a cluster, the 100 that have been stale longest have alerts by name',
    series: [
      ...clusters.flatMap((cluster) => exporterOf(cluster).self()),
      ...problems(103, 'mount_stale', 'east'),
      ...problems(100, 'mount_stale', 'west'),
    ],
    moments: [
      [4 * minute],
      [fired, others('mount_stale', 'east'), ...clusters.flatMap((cluster) => named('SVIDMountStale', 100, cluster))],
    ],
    says: [
      {
        at: fired,
        firing: others('mount_stale', 'east'),
        summary: '3 more SVIDs have the problem mount_stale in east',
        description:
          'Besides the 100 SVIDs that have alerts by name, 3 SVIDs have the problem mount_stale. So many usually have one cause, such as drivers that were restarted. /api/v1/problems?code=mount_stale lists all of them.',
      },
    ],
  },
  {
    name: 'of 101 files that cannot be read, 100 have alerts by name, whatever else is wrong',
    series: [
      ...exporterOf('').self(),
      ...problems(101, 'unreadable', '', { reason: 'empty' }),
      ...problems(2, 'mount_stale', ''),
    ],
    moments: [
      [9 * minute, ...named('SVIDMountStale', 2, '')],
      [
        fired,
        others('unreadable', ''),
        ...named('SVIDMountStale', 2, ''),
        ...named('SVIDUnreadable', 100, '', { reason: 'empty' }),
      ],
    ],
  },
  {
    name: 'SVIDs with another problem are not counted, however many they are',
    series: [...exporterOf('').self(), ...problems(101, 'renewed_too_often', '')],
    moments: [[fired]],
  },
  {
    name: 'problems that are muted or of several svidwatch are not counted twice, and end',
    series: [
      ...exporterOf('').self(),
      ...problems(100, 'mount_stale', ''),
      ...problems(100, 'mount_stale', '').map(({ labels, ...series }) => ({
        ...series,
        labels: { ...labels, instance: 'other:9797' },
      })),
      ...problems(1, 'mount_stale', '', { pod: 'sandbox', muted: 'true' }),
    ],
    moments: [[fired, ...named('SVIDMountStale', 100, '')]],
  },
]
