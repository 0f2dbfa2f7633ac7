import { alertAfter, diagnosisCodes, type DiagnosisCode } from '../src/diagnosis/codes.ts'
import {
  byName,
  mostNamed,
  named,
  namedAtMost,
  ofNumber,
  podLabels,
  workload,
  workloadLabels,
  workloadName,
} from './labels.ts'
import { lasting, unexplained } from './problems.ts'
import { refusalRules, unnamedRefusals } from './refusals.ts'
import { promql, type AlertingRule, type RuleGroup } from './rule.ts'

/** The problems of single SVIDs that have alerts by name, besides missed renewals and refusals, which wake someone. */
const namedCodes = [
  'mount_stale',
  'mount_detached',
  'mount_gone',
  'empty_volume',
  'sub_path',
  'not_reloaded',
  'wrong_identity',
  'unreadable',
] as const satisfies readonly DiagnosisCode[]

type NamedCode = (typeof namedCodes)[number]

type Texts = Pick<AlertingRule, 'summary' | 'description' | 'meaning' | 'reason'>

/** Returns the rule of an alert that names each SVID with a problem, and whose value is since when it has the problem. */
const namedRule = (code: NamedCode, labels: readonly string[], { reason, ...texts }: Texts): AlertingRule => ({
  ...texts,
  alert: diagnosisCodes[code].alert,
  severity: 'warning',
  expr: named(`max by (${labels.join(', ')}) (${unexplained(code)})`),
  ...(alertAfter(code) > 0 && { for: lasting(code) }),
  keepFiringFor: '5m',
  reason: `${reason} ${namedAtMost}`,
  labels,
})

const volume =
  'the volume {{ $labels.volume }} of pod {{ $labels.namespace }}/{{ $labels.pod }} on node {{ $labels.node }}'
const sinceThen = 'Since {{ $value | humanizeTimestamp }}'
const onNode = '{{ if $labels.node }} on node {{ $labels.node }}{{ end }}'
const whileIssued = 'Replace the pod, but only while the issuer issues: otherwise the new pod does not start.'

/** Faults of single copies of SVIDs, long before anyone has to be woken. */
export const copies: RuleGroup = {
  name: 'svidwatch-copies',
  rules: [
    ...refusalRules,
    {
      alert: 'SVIDMountStale',
      severity: 'warning',
      expr: byName(
        `max by (${podLabels.join(', ')}) (${unexplained('mount_stale')}) <= time() - ${alertAfter('mount_stale') / 1000}`,
      ),
      keepFiringFor: '5m',
      summary: `The SVID mounted in ${workloadName} is older than the one issued for it`,
      description: `New SVIDs are issued for {{ $labels.spiffe_id }}, but none arrives in the volume {{ $labels.volume }} of pod {{ $labels.namespace }}/{{ $labels.pod }} on node {{ $labels.node }}. The pod has to be replaced: only a new pod gets a working mount.`,
      meaning: 'New SVIDs are issued for a pod, but its mounted files do not change.',
      reason: `The driver writes a new SVID within seconds, and svidwatch allows it 10 s. A mount that still lacks an SVID 5 min after it was issued does not recover by itself, however many were issued since. ${namedAtMost}`,
      labels: podLabels,
    },
    namedRule('mount_detached', podLabels, {
      summary: `Containers of ${workloadName} keep an old mount, which nobody renews any more`,
      description: `${sinceThen}, running containers keep an older mount of ${volume} than the node has. New SVIDs are written to the new mount alone, so the containers read the old SVID until it expires, while the API and the files on the node look fresh. ${whileIssued}`,
      meaning: 'Running containers keep an older mount of a volume than the node has, so they get no new SVID.',
      reason:
        'The driver has mounted the volume again while its containers ran, as after a restart while nothing could be issued. That does not heal by itself. Within 1 min, svidwatch hears of a container that has just restarted and has the new mount.',
    }),
    namedRule('mount_gone', podLabels, {
      summary: `The volume of the running pod ${workloadName} is not mounted on its node any more`,
      description: `${sinceThen}, nothing is mounted on the node for ${volume}. Its containers keep the files that they had, and get no new SVID. If the driver mounts the volume again, these containers do not see it: SVIDMountDetached fires then. See that the driver works and that the issuer issues, then replace the pod.`,
      meaning: 'The volume of a running pod is not mounted on its node any more.',
      reason:
        'A pod that ends loses its mounts first, and the API tells of its end within seconds. A driver that mounts a volume anew takes moments.',
    }),
    namedRule('empty_volume', podLabels, {
      summary: `The volume for the SVID of ${workloadName} is empty`,
      description: `${sinceThen}, there are no files in ${volume}. A program that reads its SVID now finds none, and one that is running keeps the SVID that it has read before. The driver writes the files again at the next renewal, if its mount is alive. To have them now, replace the pod, but only while the issuer issues.`,
      meaning: 'The volume for an SVID is mounted, and has no files.',
      reason:
        'A volume is empty from its mount until the driver has written the first SVID, which takes seconds while the issuer issues.',
    }),
    namedRule('sub_path', podLabels, {
      summary: `A container of ${workloadName} mounts its SVID by subPath, so it is never renewed`,
      description: `${sinceThen}, a container mounts a path of ${volume} by subPath. Such a mount keeps its first file for ever, so the container reads the SVID that it started with until that expires. Mount the whole volume in the pod's manifest. A restart of the container helps for one lifetime.`,
      meaning: 'A container mounts its SVID by subPath, which keeps the first SVID for ever.',
      reason:
        'The manifest says so as soon as the container runs, and no renewal will ever reach it. A pod that ends within 1 min needs nobody.',
    }),
    namedRule('not_reloaded', workloadLabels, {
      summary: `The server in ${workloadName} presents an older SVID than its newest one`,
      description: `${sinceThen}, the server in ${workloadName}${onNode} presents an older SVID of {{ $labels.spiffe_id }} than the newest one that is there for it. Its program has not read the newer one, and peers refuse the server once the older one has expired. Make the program read its SVID again, or restart its container.`,
      meaning: 'A server presents an older SVID than the one that is mounted for it.',
      reason:
        'svidwatch gives a server a tenth of the lifetime, and at least 1 min, to present a newer SVID (`servedSvids.reloadWithin`). A program that watches its files takes seconds.',
    }),
    namedRule('wrong_identity', [...workloadLabels, 'copy'], {
      summary: `The SPIFFE ID of ${workloadName} is not what it should be: its {{ $labels.copy }} SVID has {{ $labels.spiffe_id }}`,
      description: `${sinceThen}, the {{ $labels.copy }} SVID of ${workloadName}${onNode} has the SPIFFE ID {{ $labels.spiffe_id }}, and another copy, or the namespace and service account, stand for another one. Peers take the workload for whom its SVID names, so find out who has asked for this SVID before you replace anything.`,
      meaning: 'A copy of an SVID has another SPIFFE ID than the others, or than its namespace and service account.',
      reason: 'While a volume is renewed, svidwatch may see one copy before the other, but not for 2 min.',
    }),
    {
      alert: 'SVIDUnreadable',
      severity: 'warning',
      expr: byName(`max by (${workload}, reason) (${unexplained('unreadable')})`),
      for: lasting('unreadable'),
      keepFiringFor: '5m',
      summary: `The certificate file of ${workloadName} cannot be read: {{ $labels.reason }}`,
      description: `svidwatch cannot read the certificate file of ${workloadName}${onNode} ({{ $labels.reason }}), so it does not know when the SVID expires.`,
      meaning: 'A certificate file cannot be read.',
      reason: `The files of a pod that starts or ends are missing or empty for a moment, but rarely for 10 min. ${namedAtMost}`,
      labels: [...workloadLabels, 'reason'],
    },
    {
      alert: 'SVIDProblemsUnnamed',
      severity: 'warning',
      expr: promql`
        count by (cluster, code) (
          group by (${workload}, code) (${unexplained(...namedCodes)})
        ) - ${mostNamed} > 0
        or
        ${unnamedRefusals}
      `,
      for: lasting('unreadable'),
      keepFiringFor: '5m',
      summary: `${ofNumber('1 more SVID has', '{{ $value }} more SVIDs have')} the problem {{ $labels.code }}{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }}`,
      description: `Besides the ${mostNamed} SVIDs that have alerts by name, ${ofNumber('1 SVID has', '{{ $value }} SVIDs have')} the problem {{ $labels.code }}. So many usually have one cause, such as drivers that were restarted. /api/v1/problems?code={{ $labels.code }} lists all of them.`,
      meaning: 'More SVIDs have the same problem than have alerts by name.',
      reason:
        'More than 100 alerts tell nobody more than 100 do, and every alert costs Prometheus and Alertmanager memory and time.',
      labels: ['cluster', 'code'],
    },
  ],
}
