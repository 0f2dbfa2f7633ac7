import type { DiagnosisCode } from '../../../src/diagnosis/codes.ts'
import type { MetricName } from '../../../src/metrics/catalogue.ts'
import type { Firing, Sample, Scenario, Series } from '../scenario.ts'
import { critical, Exporter, minute, pairs, warning, workload } from '../world.ts'
import { courses, courseStart, type Course } from './generic.ts'

const exporter = new Exporter()
const always = exporter.self()
const clusters = ['', 'east'] as const

/** A gauge of that name. */
const gauge =
  (name: MetricName, fixed: Readonly<Record<string, string>> = {}) =>
  (labels: Readonly<Record<string, string>>, at: (t: number) => Sample): Series[] => [
    exporter.series(name, { ...fixed, ...labels }, at),
  ]

/** The gauge of problems with that code. */
const problem =
  (code: DiagnosisCode) =>
  (labels: Readonly<Record<string, string>>, at: (t: number) => Sample): Series[] => [
    exporter.problem(code, labels, at),
  ]

const alertOf =
  (kind: typeof warning, alert: string) =>
  (labels: Readonly<Record<string, string>>): Firing =>
    kind(alert, labels)

/** The labels of a workload, each with two values. */
export const workloads = {
  cluster: clusters,
  spiffe_id: [workload().spiffe_id, 'spiffe://example.org/ns/team-a/sa/other'],
  trust_domain: ['example.org', 'other.example'],
  namespace: ['team-a', 'team-b'],
  pod: ['web-1', 'web-2'],
  volume: ['spiffe', 'other'],
  node: ['node-1', 'node-2'],
  issuer: [workload().issuer, 'ClusterIssuer/other'],
} as const

const problemsLeftOut = { family: 'spiffe_problem_since_timestamp_seconds' }

const conditions: readonly Course[] = [
  {
    name: 'a stale mount',
    always,
    told: problem('mount_stale'),
    // It has been stale since the trouble begins.
    trouble: courseStart,
    calm: 'stale',
    firing: alertOf(warning, 'SVIDMountStale'),
    for: 5 * minute,
    keep: 5 * minute,
    by: workloads,
  },
  {
    name: 'a file that cannot be read',
    always,
    told: problem('unreadable'),
    trouble: 1,
    calm: 'stale',
    firing: alertOf(warning, 'SVIDUnreadable'),
    for: 10 * minute,
    keep: 5 * minute,
    by: { ...workloads, file: ['', '/run/svid.pem'], reason: ['unmounted', 'empty'] },
  },
  {
    name: 'pods that have no SVID that is known',
    always: [...always, ...new Exporter({ cluster: 'east' }).self()],
    told: problem('not_issued'),
    trouble: 1,
    calm: 'stale',
    firing: alertOf(warning, 'SVIDNotIssued'),
    for: 15 * minute,
    keep: 5 * minute,
    by: { cluster: clusters, namespace: ['team-a', 'team-b'] },
  },
  {
    name: 'an agent that is down',
    always,
    told: problem('agent_down'),
    trouble: 1,
    calm: 'stale',
    firing: alertOf(warning, 'SPIREAgentDown'),
    for: 5 * minute,
    keep: 5 * minute,
    by: { cluster: clusters, node: ['node-1', 'node-2'], agent: ['csi-driver-spiffe', 'spire-agent'] },
  },
  {
    name: 'a source that is blind',
    always,
    told: gauge('svidwatch_source_up'),
    trouble: 0,
    calm: 1,
    firing: alertOf(critical, 'SvidwatchBlind'),
    // From the scrape on that saw it last.
    for: 15 * minute - 15,
    keep: 5 * minute,
    by: { cluster: ['', 'east'], source: ['namespaces', 'nodes'] },
  },
  {
    name: 'a node role that is blind',
    always,
    told: problem('node_blind'),
    trouble: 1,
    calm: 'stale',
    firing: alertOf(warning, 'SvidwatchNodeBlind'),
    for: 15 * minute,
    keep: 5 * minute,
    by: { cluster: clusters, node: ['node-1', 'node-2'] },
  },
  {
    name: 'series that are left out',
    always,
    told: gauge('svidwatch_series_dropped'),
    trouble: 1,
    calm: 0,
    firing: alertOf(warning, 'SvidwatchSeriesDropped'),
    for: 15 * minute,
    keep: 5 * minute,
    by: { cluster: clusters, family: ['spiffe_svid_drift', 'spire_svid_expiry_seconds'] },
  },
  {
    name: 'issuers and volumes that have no place',
    always,
    told: gauge('svidwatch_without_place'),
    trouble: 1,
    calm: 0,
    firing: alertOf(warning, 'SvidwatchPlacesUsedUp'),
    for: 15 * minute,
    keep: 5 * minute,
    by: { cluster: clusters, kind: ['issuer', 'volume'] },
  },
  {
    name: 'problems that are left out',
    always,
    told: gauge('svidwatch_series_dropped', problemsLeftOut),
    trouble: 1,
    calm: 0,
    firing: (labels) => critical('SvidwatchSeriesDropped', { ...labels, ...problemsLeftOut }),
    for: 0,
    keep: 5 * minute,
    by: { cluster: clusters },
  },
]

const one = new Exporter({ instance: 'a:9797', blind: [60, Infinity], blindTo: 'pods' })
const other = new Exporter({ instance: 'b:9797' })
const agent = { node: 'node-1', agent: 'csi-driver-spiffe' }
const agentDown = warning('SPIREAgentDown', agent)
const agentsOf = (...told: readonly (readonly [Exporter, (t: number) => number])[]): Series[] =>
  told.flatMap(([by, at]) => [...by.self(), by.series('spire_agent_up', agent, at)])
const since = (t0: number, before: number, after: number) => (t: number) => (t < t0 ? before : after)

const nodes = ['node-1', 'node-2'].map((node) => ({ node }))
const blindNode = warning('SvidwatchNodeBlind', { node: 'node-1' })

const waiting = (pods: readonly string[]): readonly Series[] =>
  pods.map((pod, index) => {
    const labels = { namespace: 'team-a', pod, volume: 'spiffe', reason: index === 0 ? 'no_request' : 'denied_policy' }
    return exporter.problem('not_issued', labels, () => 10 - index)
  })
const notIssued = warning('SVIDNotIssued', { namespace: 'team-a' })

/** Pods without an SVID: which of them are named. */
const named: readonly Scenario[] = (
  [
    [
      ['web-1'],
      '1 pod in team-a has no known SVID',
      '1 pod in the namespace team-a mounts a volume for an SVID, but svidwatch knows of no SVID for it: web-1 (no_request).',
    ],
    [
      ['web-1', 'web-2', 'web-3', 'web-4'],
      '4 pods in team-a have no known SVID',
      '4 pods in the namespace team-a mount a volume for an SVID, but svidwatch knows of no SVID for it: web-4 (denied_policy), web-3 (denied_policy), web-2 (denied_policy) and others.',
    ],
  ] as const
).map(([pods, summary, text]) => ({
  name: `${pods.length} pods that have no SVID are told in one alert, which names those that have waited longest`,
  series: [...exporter.self(), ...waiting(pods)],
  moments: [[900, notIssued]],
  says: [
    {
      at: 900,
      firing: notIssued,
      summary,
      description: `${text} A pod that waits for its first SVID does not start. A pod that runs has requested its next SVID, which has not been issued.`,
    },
  ],
}))

/** What one svidwatch says and another one does not. */
const doubled: readonly Scenario[] = [
  {
    name: 'an agent that a svidwatch sees down, while a blind one says that it is up',
    series: agentsOf([one, () => 1], [other, since(120, 1, 0)]),
    moments: [[405], [420, agentDown]],
  },
  ...pairs.map(({ label, one: target, other: next }): Scenario => {
    const third = new Exporter({ ...next, instance: 'c:9797' })
    return {
      name: `an agent that a svidwatch sees down, while a blind one, whose ${label} differs, says that it is up`,
      series: agentsOf(
        ...(label === 'cluster'
          ? ([
              [new Exporter(target), () => 1],
              [third, () => 0],
            ] as const)
          : ([[new Exporter(target), () => 0]] as const)),
        [new Exporter({ ...next, blind: [60, Infinity] }), () => 1],
      ),
      moments: [[420, warning('SPIREAgentDown', { ...agent, cluster: label === 'cluster' ? 'other' : 'east' })]],
    }
  }),
  ...pairs.map(({ label, one: target, other: next }): Scenario => ({
    name: `an agent that a svidwatch sees up, while a blind one, whose ${label} differs, says that it is down`,
    series: agentsOf(
      [new Exporter({ ...target, blind: [60, Infinity], blindTo: 'pods' }), since(30, 1, 0)],
      [new Exporter(next), () => 1],
      ...(label === 'cluster' ? ([[new Exporter({ ...target, instance: 'c:9797' }), () => 1]] as const) : []),
    ),
    moments: [[420], [600]],
  })),
  {
    name: 'an agent that was down when the only svidwatch went blind',
    series: agentsOf([one, since(30, 1, 0)]),
    moments: [[315], [330, agentDown], [900, agentDown]],
  },
  {
    name: 'a source that one svidwatch of two sees',
    series: [...one.self(), ...other.self()],
    moments: [[1500]],
  },
  {
    name: 'a node role that another svidwatch sees',
    series: [
      ...one.self(),
      ...other.self(),
      one.problem('node_blind', { node: 'node-1' }, () => 1),
      other.series('svidwatch_node_up', { node: 'node-1' }, 1),
    ],
    moments: [[900]],
  },
  {
    name: 'a node role that nobody sees beside others that are seen, on another node and in another cluster',
    series: [
      ...exporter.self(),
      ...new Exporter({ cluster: 'east' }).self(),
      ...nodes.map((labels, index) => exporter.series('svidwatch_node_up', labels, index)),
      exporter.problem('node_blind', { node: 'node-1' }, () => 1),
      new Exporter({ cluster: 'east' }).series('svidwatch_node_up', { node: 'node-1' }, 1),
    ],
    moments: [[900, blindNode]],
  },
  {
    name: 'problems that are left out for long are told once, as critical',
    series: [...always, exporter.series('svidwatch_series_dropped', problemsLeftOut, 1)],
    moments: [[1200, critical('SvidwatchSeriesDropped', problemsLeftOut)]],
  },
  {
    name: 'another drift than a stale mount, and workloads that are not pending, are no alerts',
    series: [
      ...always,
      exporter.series('spiffe_svid_drift', { ...workload(), cause: 'another' }, 1),
      ...['valid', 'none', 'expired'].map((state) => exporter.series('spiffe_workloads', { namespace: 'a', state }, 1)),
    ],
    moments: [[1200]],
  },
]

export const simple: readonly Scenario[] = [...conditions.flatMap(courses), ...named, ...doubled]
