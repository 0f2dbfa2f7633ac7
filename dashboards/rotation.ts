import { workload } from '../alerts/labels.ts'
import type { DiagnosisCode } from '../src/diagnosis/codes.ts'
import {
  issuersDown,
  lateRenewals,
  missedRenewals,
  missedRenewalsTable,
  waitingRequests,
} from './parts/commonPanels.ts'
import { driftRow } from './parts/copies.ts'
import { affected, affectedTable, type Fault } from './parts/faults.ts'
import { marksOfSvids } from './parts/marks.ts'
import type { Dashboard, Row, Table } from './parts/panel.ts'
import {
  countOf,
  greatestAtEnd,
  inCluster,
  inDomain,
  inDomainAndNamespace,
  inNamespace,
  orNote,
  orZero,
  problems,
  problemsAndMuted,
  requestsNow,
  sees,
  seesFiles,
  seesSvids,
} from './parts/promql.ts'
import { trustRow } from './parts/trust.ts'

const ofIssuer = `${inCluster}, issuer=~"$issuer"`
const ofNode = `${inCluster}, node=~"$node"`

/** The SVIDs that are chosen above the dashboard. */
const chosen = `${inDomainAndNamespace}, issuer=~"$issuer", node=~"$node"`
const missed: readonly DiagnosisCode[] = ['renewal_missed', 'expired']
const ofChosen = (...codes: readonly DiagnosisCode[]): string => problems(codes, chosen)

const { queries, ...missedStat } = missedRenewals(chosen, 8)
const mutedRenewals = {
  legend: 'muted',
  thresholds: { base: 'text', from: [] },
  expr: orZero(countOf(problemsAndMuted(missed, `muted="true", ${chosen}`), workload), seesSvids),
} as const

const mountStale: Fault = {
  codes: ['mount_stale'],
  where: chosen,
  // A mount is compared with what was issued.
  witness: `${sees('nodeFindings', 'mountedSvids')} and on (cluster) ${sees('certificateRequests')}`,
}
const notIssued: Fault = {
  codes: ['not_issued'],
  where: chosen,
  witness: sees('certificateRequests'),
}
const unreadable: Fault = { codes: ['unreadable'], where: chosen, witness: seesFiles }

const now: Row = {
  title: 'Now',
  panels: [
    issuersDown(4, ofIssuer),
    {
      ...missedStat,
      description: `${missedStat.description} Muted ones wake nobody and are in neither number.`,
      queries: [...queries, mutedRenewals],
    },
    affected(mountStale, {
      title: 'Stale mounts',
      description:
        'Workloads whose mounted SVID is older than the newest one issued for them. Only a new pod gets a working mount.',
    }),
    affected(notIssued, {
      title: 'No SVID yet',
      description:
        'Pods that mount a volume for an SVID, and of which svidwatch knows none. A pod that waits for its first SVID does not start.',
    }),
    affected(unreadable, {
      title: 'Unreadable files',
      description: 'Certificate files that cannot be read at present. What was read last stays on the dashboards.',
    }),
    missedRenewalsTable(chosen, 50),
  ],
}

const byIssuer = 'cluster, issuer'
const waitingSince = `min by (${byIssuer}) (spiffe_certificate_request_oldest_waiting_timestamp_seconds{${ofIssuer}})`
const lastIssued = `max by (${byIssuer}) (spiffe_issuer_last_issued_timestamp_seconds{${inDomain}, issuer=~"$issuer"})`
const newestMissed = `max by (${byIssuer}) (${problemsAndMuted(missed, ofIssuer)})`

const proofs = {
  0: ['no: it is down', 'red'],
  1: ['not since then', 'yellow'],
  2: ['yes', 'green'],
  3: ['nothing missed', 'text'],
} as const

/** Whether an issuer has issued since the newest missed renewal. An older request that waits proves nothing. */
const proof = [
  `0 * group by (${byIssuer}) (${problems(['issuer_down'], ofIssuer)})`,
  `1 + (${lastIssued} >= bool on (${byIssuer}) ${newestMissed})`,
  `3 + 0 * ${lastIssued}`,
].join(' or ')

/** The value for twenty issuers, those without a proof first. */
const firstTwenty = (value: string): string => `${value} and on (${byIssuer}) bottomk(20, ${proof})`

/** Where the missed renewals are, by one label. */
const radius = (label: 'node' | 'namespace', description: string): Table => ({
  kind: 'table',
  title: `Missed renewals by ${label}`,
  description: `${description} The ten with the most.`,
  width: 6,
  height: 7,
  columns: { cluster: 'Cluster', [label]: label === 'node' ? 'Node' : 'Namespace' },
  sortBy: 'Missed',
  runbooks: ['SVIDExpiringSoon'],
  queries: [
    {
      legend: 'Missed',
      width: 75,
      expr: orNote(
        `topk(10, count by (cluster, ${label}) (max by (${workload}) (${ofChosen(...missed)})))`,
        'no renewal is missed',
        seesSvids,
      ),
    },
  ],
})

/** What explains many problems, whatever is chosen: an incident concerns more than one namespace or issuer. */
const oneCause: Table = {
  kind: 'table',
  title: 'One cause',
  description:
    'What explains many problems of SVIDs: a node, an issuer or a trust domain; all nodes, where none of them is named. Repair it first. The problems that it explains have no alerts of their own, and nothing here means that each has a cause of its own, or that an issuer is down.',
  width: 24,
  height: 5,
  columns: {
    cluster: 'Cluster',
    node: 'Node',
    issuer: 'Issuer',
    trust_domain: 'Trust domain',
    reason: 'What fails',
    severity: 'Severity',
  },
  sortBy: 'For',
  runbooks: ['SPIFFEIncident'],
  queries: [
    {
      legend: 'For',
      unit: 's',
      decimals: 0,
      expr: orNote(
        `topk(20, time() - min by (cluster, node, issuer, trust_domain, reason, severity) (${problems(['incident'], inCluster)}))`,
        'no problems have one cause',
        seesSvids,
      ),
      emptyInDemo: 'the problems of the demo have a cause each',
    },
  ],
}

const causes: Row = {
  title: 'Where the cause is',
  panels: [
    oneCause,
    {
      kind: 'table',
      title: 'Are the issuers proven to issue?',
      description:
        'Twenty issuers, those without a proof first. An issuer that has issued since its newest missed renewal works, and those workloads have a cause of their own. One that is down helps nobody who restarts pods.',
      width: 12,
      height: 7,
      columns: { cluster: 'Cluster', issuer: 'Issuer' },
      sortBy: 'Proven',
      ascending: true,
      runbooks: ['SVIDIssuanceDown', 'SVIDIssuanceStuck'],
      queries: [
        { legend: 'Proven', width: 115, states: proofs, expr: `bottomk(20, ${proof})` },
        { legend: 'Missed, ago', width: 88, unit: 's', decimals: 0, expr: firstTwenty(`time() - ${newestMissed}`) },
        { legend: 'Issued, ago', width: 88, unit: 's', decimals: 0, expr: firstTwenty(`time() - ${lastIssued}`) },
        {
          legend: 'Waiting',
          width: 68,
          expr: firstTwenty(requestsNow(byIssuer, 'state=~"pending|approved"', ofIssuer)),
        },
        { legend: 'Longest for', width: 88, unit: 's', decimals: 0, expr: firstTwenty(`time() - ${waitingSince}`) },
      ],
    },
    radius('node', 'If the missed renewals share one node, its agent is down or hangs.'),
    radius(
      'namespace',
      'If the missed renewals share one namespace, requests are refused there, or its pods have a common fault.',
    ),
  ],
}

const others: Row = {
  title: 'Other faults of single workloads',
  panels: [
    affectedTable(mountStale, {
      title: 'Mounts that are stale',
      description: 'Workloads whose mounted SVID is older than the newest one issued for them.',
      well: 'every mount has the newest SVID',
      last: ['node', 'Node'],
    }),
    affectedTable(unreadable, {
      title: 'Files that cannot be read',
      description: 'Certificate files that cannot be read at present, and the reason code (docs/metrics.md).',
      well: 'every file can be read',
      last: ['reason', 'Reason'],
      emptyInDemo: 'every certificate file of the demo can be read',
    }),
  ],
}

const evidence: Row = {
  title: 'Over time',
  panels: [
    lateRenewals,
    {
      kind: 'graph',
      title: 'Waiting requests',
      description:
        'Requests that are not yet decided or not yet signed, by issuer: the ten issuers that have the most now. A line that only rises means that an issuer, or an approver, does not answer.',
      width: 8,
      decimals: 0,
      min: 0,
      shades: 'orange',
      runbooks: ['SVIDIssuanceStuck', 'SVIDIssuanceDown'],
      colors: { all: 'text' },
      queries: waitingRequests(byIssuer, `${inNamespace}, issuer=~"$issuer"`),
    },
    {
      kind: 'graph',
      title: 'Time since last contact with a node',
      description:
        'Time since svidwatch last saw the files of a node: the ten that are longest now. What it knows about the mounted SVIDs of such a node may be out of date.',
      width: 8,
      unit: 's',
      min: 0,
      shades: 'orange',
      runbooks: ['SvidwatchNodeBlind'],
      queries: [
        {
          legend: '{{cluster}} {{node}}',
          expr: greatestAtEnd(
            10,
            `time() - max by (cluster, node) (svidwatch_node_last_contact_timestamp_seconds{${ofNode}})`,
          ),
        },
      ],
    },
  ],
}

/** Shows the evidence that a watchdog needs: which rotations are broken, how far that reaches, and what would fix it. */
export const rotation: Dashboard = {
  name: 'rotation',
  title: 'Rotation Watchdog',
  description:
    'Which rotations do not work, how far that reaches, and what would fix it. svidwatch itself restarts nothing yet.',
  variables: ['trust_domain', 'namespace', 'issuer', 'node'],
  marked: marksOfSvids,
  rows: [now, causes, driftRow(chosen), trustRow, others, evidence],
}
