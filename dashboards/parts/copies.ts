import { workload } from '../../alerts/labels.ts'
import type { DiagnosisCode } from '../../src/diagnosis/codes.ts'
import type { SourceName } from '../../src/ledger/sight/observations.ts'
import type { CopyName, ProbeState } from '../../src/ledger/workloads/view.ts'
import { affected, affectedTable, alertsOf, type Fault } from './faults.ts'
import type { Query, Row, Stat, StateTexts, Table } from './panel.ts'
import { inNamespace, orNote, orZero, problems, sees, seesFiles, seesSvids } from './promql.ts'
import { alarmAboveNone } from './thresholds.ts'

const seesServed = sees('servedSvids')
const seesMounts = sees('nodeFindings', 'mountedSvids')

const notReloaded = (where: string): Fault => ({ codes: ['not_reloaded'], where, witness: seesServed })
const refused = (where: string): Fault => ({
  codes: ['peer_refuses'],
  where,
  witness: sees('nodeFindings', 'mountedSvids', 'files', 'servedSvids'),
})

/** The number of copies of one kind, and who sees them. */
const copies = (copy: CopyName, where: string, ...sources: readonly SourceName[]): Query => ({
  legend: copy,
  expr: orZero(
    `sum(max by (cluster, trust_domain, namespace, state) (spiffe_svids{copy="${copy}", ${where}}))`,
    sees(...sources),
  ),
})

const refusedStat = (where: string, width: number): Stat =>
  affected(refused(where), {
    title: 'Refused by peers',
    description:
      'Workloads whose SVID peers refuse although it has not expired: it does not verify against its trust bundle, or breaks a rule. Where there are many, the CA of their issuer was mostly replaced before the bundles had the new one.',
    width,
    thresholds: alarmAboveNone,
    leadsTo: 'rotation',
  })

const servesOlderStat = (where: string, width: number): Stat =>
  affected(notReloaded(where), {
    title: 'Serve an older SVID',
    description:
      'Servers that present an older SVID than the one that is mounted for them, and have had the time to read the newer one. Restarting the program helps; changing it so that it reads its SVID again heals it.',
    width,
    leadsTo: 'rotation',
  })

/** The number of workloads with SVIDs by what their probes found. */
const probed = (legend: string, ...found: readonly ProbeState[]): Query => ({
  legend,
  expr: orZero(
    `sum(max by (cluster, namespace, state) (spiffe_workload_probes{state=~"${found.join('|')}", ${inNamespace}}))`,
    seesServed,
  ),
})

/** What is known of the third copy, and of how many workloads it is not. */
const probes: Stat = {
  kind: 'stat',
  title: 'What probes found',
  description:
    'Running workloads with SVIDs by what their servers present: an SVID of theirs, or another certificate, which is no drift. "No answer" are those whose servers present nothing that can be read. The others are not looked at: no port of theirs is probed, or they share the network of their node.',
  width: 10,
  queries: [
    probed('their SVID', 'served'),
    probed('another certificate', 'other_identity', 'no_spiffe_id'),
    probed('no answer', 'unreachable'),
    probed('not looked at', 'no_target', 'host_network', 'pending'),
  ],
}

const byIssuer = 'cluster, issuer, reason'

/** Which issuers have SVIDs that peers refuse, and why. There may be tens of thousands of them at once. */
const refusedTable = (where: string): Table => {
  const ofCode = problems(['peer_refuses'], where)
  const count = `topk(20, count by (${byIssuer}) (max by (${workload}, reason) (${ofCode})))`
  return {
    kind: 'table',
    title: 'Refused by peers, by issuer',
    description:
      'Workloads whose SVID peers refuse although it has not expired, by issuer and reason code (docs/metrics.md). The twenty largest groups.',
    width: 12,
    columns: { cluster: 'Cluster', reason: 'Reason', issuer: 'Issuer' },
    sortBy: 'Workloads',
    runbooks: alertsOf(['peer_refuses']),
    queries: [
      {
        legend: 'Workloads',
        width: 90,
        thresholds: alarmAboveNone,
        expr: orNote(count, 'peers refuse no SVID', refused(where).witness),
        emptyInDemo: 'every SVID of the demo verifies',
      },
      {
        legend: 'Longest for',
        width: 88,
        unit: 's',
        decimals: 0,
        expr: `time() - min by (${byIssuer}) (${ofCode}) and on (${byIssuer}) ${count}`,
        emptyInDemo: 'every SVID of the demo verifies',
      },
    ],
  }
}

/** The three copies of each SVID: how many there are of each, and which servers do not present the newest one. */
export const copiesRow = (where: string): Row => ({
  title: 'Issued, mounted and served copies',
  panels: [
    {
      kind: 'stat',
      title: 'Copies',
      description:
        'How many SVIDs svidwatch knows as they were issued, as they are mounted or written to a file, and as servers present them. Only servers that are probed have a served copy.',
      width: 6,
      leadsTo: 'coverage',
      queries: [
        copies('issued', where, 'certificateRequests'),
        copies('mounted', where, 'nodeFindings', 'mountedSvids', 'files'),
        copies('served', where, 'servedSvids'),
      ],
    },
    probes,
    servesOlderStat(where, 4),
    refusedStat(where, 4),
    affectedTable(notReloaded(where), {
      title: 'Servers that present an older SVID',
      description: 'Servers that present an older SVID than the one that is mounted for them.',
      well: 'no server is known to present an older SVID',
      last: ['node', 'Node'],
    }),
    refusedTable(where),
  ],
})

/** What heals each way in which copies differ or are refused, in the words of people, and the problems that it heals. */
const remedies: readonly (readonly [text: string, codes: readonly DiagnosisCode[], reason?: string])[] = [
  ['a new pod, while issued', ['mount_stale', 'mount_detached', 'mount_gone', 'empty_volume']],
  ['a reload or a restart', ['not_reloaded']],
  ['a mount without subPath', ['sub_path']],
  ['the right driver settings', ['wrong_identity']],
  ['CAs in the trust bundle', ['peer_refuses'], 'reason="unknown_authority"'],
  ['the issuer', ['peer_refuses'], 'reason!="unknown_authority"'],
]
const causes = [...new Set(remedies.flatMap(([, codes]) => codes))]

const states: StateTexts = Object.fromEntries(remedies.map(([text], index) => [index, [text, 'text'] as const]))

const byCause = 'cluster, code, reason'

/** How many workloads have each cause, since when, and what heals them. */
const causesTable = (where: string): Table => {
  const all = problems(causes, where)
  const count = `topk(20, count by (${byCause}) (max by (${workload}, code, reason) (${all})))`
  const heals = remedies.map(([, codes, reason = ''], index) => {
    const healed = problems(codes, reason === '' ? where : `${reason}, ${where}`)
    return `${index} + 0 * group by (${byCause}) (${healed})`
  })
  return {
    kind: 'table',
    title: 'By cause',
    description:
      'Workloads whose copies differ or are refused, by problem (docs/problems.md) and reason code: how many, for how long, and what heals them. A new pod helps only while the issuer issues.',
    width: 12,
    columns: { cluster: 'Cluster', code: 'Cause', reason: 'Reason' },
    sortBy: 'Workloads',
    runbooks: alertsOf(causes),
    queries: [
      { legend: 'Workloads', width: 90, expr: orNote(count, 'no copies are known to differ', seesSvids) },
      {
        legend: 'Longest for',
        width: 88,
        unit: 's',
        decimals: 0,
        expr: `time() - min by (${byCause}) (${all}) and on (${byCause}) ${count}`,
      },
      { legend: 'Healed by', width: 190, states, expr: `(${heals.join(' or ')}) and on (${byCause}) ${count}` },
    ],
  }
}

/** Which copies of SVIDs differ, why, and what heals them. */
export const driftRow = (where: string): Row => ({
  title: 'Copies that differ or are refused',
  panels: [
    affected(
      { codes: ['mount_detached', 'mount_gone', 'empty_volume'], where, witness: seesMounts },
      {
        title: 'Lost mounts',
        description:
          'Workloads whose containers keep an older mount than their node has, or whose volume is not mounted any more or is empty. Files on the node and the API may look fresh. Only a new pod gets a working mount, while the issuer issues.',
        width: 5,
      },
    ),
    affected(
      { codes: ['sub_path'], where, witness: sees('pods') },
      {
        title: 'Mounted by subPath',
        description: 'Workloads that mount a path of their volume by subPath, which keeps the first SVID for ever.',
        width: 5,
      },
    ),
    servesOlderStat(where, 5),
    affected(
      { codes: ['wrong_identity'], where, witness: seesFiles },
      {
        title: 'Wrong identity',
        description:
          'Workloads of which a copy has another SPIFFE ID than the others, or than their namespace and service account.',
        width: 4,
      },
    ),
    refusedStat(where, 5),
    causesTable(where),
    affectedTable(
      { codes: causes, where, witness: seesSvids },
      {
        title: 'Workloads',
        description: 'Workloads whose copies differ or are refused.',
        well: 'no copies are known to differ',
        last: ['code', 'Cause'],
      },
    ),
  ],
})
