import type { DiagnosisCode } from '../../../src/diagnosis/codes.ts'
import type { Firing, Scenario } from '../scenario.ts'
import { Exporter, minute, warning, workload } from '../world.ts'
import { courses, courseStart, type Course } from './generic.ts'
import { workloads } from './simple.ts'

interface Told {
  readonly code: DiagnosisCode
  readonly alert: string
  /** In seconds. */
  readonly for: number
  /** Further labels of the alert. */
  readonly by: Course['by']
  readonly summary: string
  readonly description: string
}

const files = { file: ['', '/run/svid.pem'] } as const
const since = 'Since 1970-01-01 00:02:00 +0000 UTC,'
const volume = 'the volume spiffe of pod team-a/web-1 on node node-1'

/** The alerts that name each SVID with a problem. */
const alerts: readonly Told[] = [
  {
    code: 'mount_detached',
    alert: 'SVIDMountDetached',
    for: minute,
    by: {},
    summary: 'Containers of team-a/web-1 (volume spiffe) keep an old mount, which nobody renews any more',
    description: `${since} running containers keep an older mount of ${volume} than the node has. New SVIDs are written to the new mount alone, so the containers read the old SVID until it expires, while the API and the files on the node look fresh. Replace the pod, but only while the issuer issues: otherwise the new pod does not start.`,
  },
  {
    code: 'mount_gone',
    alert: 'SVIDMountGone',
    for: 2 * minute,
    by: {},
    summary: 'The volume of the running pod team-a/web-1 (volume spiffe) is not mounted on its node any more',
    description: `${since} nothing is mounted on the node for ${volume}. Its containers keep the files that they had, and get no new SVID. If the driver mounts the volume again, these containers do not see it: SVIDMountDetached fires then. See that the driver works and that the issuer issues, then replace the pod.`,
  },
  {
    code: 'empty_volume',
    alert: 'SVIDVolumeEmpty',
    for: 2 * minute,
    by: {},
    summary: 'The volume for the SVID of team-a/web-1 (volume spiffe) is empty',
    description: `${since} there are no files in ${volume}. A program that reads its SVID now finds none, and one that is running keeps the SVID that it has read before. The driver writes the files again at the next renewal, if its mount is alive. To have them now, replace the pod, but only while the issuer issues.`,
  },
  {
    code: 'sub_path',
    alert: 'SVIDMountedBySubPath',
    for: minute,
    by: {},
    summary: 'A container of team-a/web-1 (volume spiffe) mounts its SVID by subPath, so it is never renewed',
    description: `${since} a container mounts a path of ${volume} by subPath. Such a mount keeps its first file for ever, so the container reads the SVID that it started with until that expires. Mount the whole volume in the pod's manifest. A restart of the container helps for one lifetime.`,
  },
  {
    code: 'not_reloaded',
    alert: 'SVIDNotReloaded',
    for: 0,
    by: files,
    summary: 'The server in team-a/web-1 (volume spiffe) presents an older SVID than its newest one',
    description: `${since} the server in team-a/web-1 (volume spiffe) on node node-1 presents an older SVID of spiffe://example.org/ns/team-a/sa/web than the newest one that is there for it. Its program has not read the newer one, and peers refuse the server once the older one has expired. Make the program read its SVID again, or restart its container.`,
  },
  {
    code: 'wrong_identity',
    alert: 'SVIDWrongIdentity',
    for: 2 * minute,
    by: { ...files, copy: ['mounted', 'served'] },
    summary:
      'The SPIFFE ID of team-a/web-1 (volume spiffe) is not what it should be: its mounted SVID has spiffe://example.org/ns/team-a/sa/web',
    description: `${since} the mounted SVID of team-a/web-1 (volume spiffe) on node node-1 has the SPIFFE ID spiffe://example.org/ns/team-a/sa/web, and another copy, or the namespace and service account, stand for another one. Peers take the workload for whom its SVID names, so find out who has asked for this SVID before you replace anything.`,
  },
]

const exporter = new Exporter()

const detached = workload({ pod: 'api-1' })

/** A problem that another one of the same SVID has caused is told by the alert of that one. */
const explained: readonly Scenario[] = [
  {
    name: 'a volume that is gone, of containers that keep an older mount anyway, is one alert, and its neighbour has its own',
    series: [
      ...exporter.self(),
      exporter.problem('mount_detached', detached, () => courseStart),
      exporter.problem('mount_gone', { ...detached, explained_by: 'mount_detached' }, () => courseStart),
      exporter.problem('mount_stale', { ...detached, explained_by: 'mount_gone' }, () => courseStart),
      exporter.problem('mount_gone', workload(), () => courseStart),
    ],
    moments: [
      [15 * minute, warning('SVIDMountDetached', { ...detached }), warning('SVIDMountGone', { ...workload() })],
    ],
  },
  {
    name: 'a file that cannot be read because nothing was issued is told by the alert about its pod',
    series: [
      ...exporter.self(),
      exporter.problem(
        'unreadable',
        { ...workload(), explained_by: 'not_issued', reason: 'missing' },
        () => courseStart,
      ),
    ],
    moments: [[15 * minute]],
  },
  {
    name: 'what is explained is not counted beyond a hundred alerts',
    series: [
      ...exporter.self(),
      ...Array.from({ length: 101 }, (_, index) =>
        exporter.problem(
          'mount_gone',
          { ...workload({ pod: `web-${index}` }), explained_by: index === 0 ? 'mount_detached' : '' },
          () => courseStart,
        ),
      ),
    ],
    moments: [
      [
        15 * minute,
        ...Array.from({ length: 100 }, (_, index) =>
          warning('SVIDMountGone', { ...workload({ pod: `web-${index + 1}` }) }),
        ),
      ],
    ],
  },
]

const told: readonly Scenario[] = alerts.flatMap(({ code, alert, for: lasts, by, summary, description }) => {
  const firing = (labels: Firing['labels']) => warning(alert, labels)
  const of = { ...workload(), ...('copy' in by && { copy: 'mounted' }) }
  return [
    ...courses({
      name: `a problem of a single SVID, ${code}`,
      always: exporter.self(),
      told: (labels, at) => [exporter.problem(code, labels, at)],
      trouble: courseStart,
      calm: 'stale',
      firing,
      for: lasts,
      keep: 5 * minute,
      by: { ...workloads, ...by },
    }),
    {
      name: `what is said of a problem of a single SVID, ${code}`,
      series: [...exporter.self(), exporter.problem(code, of, () => courseStart)],
      moments: [],
      says: [{ at: 5 * minute, firing: firing(of), summary, description }],
    },
  ]
})

/** Problems of single SVIDs, as they begin, last and end, and what is said of them. */
export const singleSvids: readonly Scenario[] = [...told, ...explained]
