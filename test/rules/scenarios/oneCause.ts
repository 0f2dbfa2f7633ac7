import type { Scenario, Series } from '../scenario.ts'
import { critical, Exporter, minute, pairs, soon, warning, workload, type Workload } from '../world.ts'
import { pair, scenario } from './issuer.ts'

const exporter = new Exporter()
const ahead = new Exporter({ ahead: 100 })
const web = workload()
const ofNode = { node: web.node }
const incident = critical('SPIFFEIncident', ofNode)
const begun = 590

/** What explains problems, from 600 on, since `begun`. */
const explains = (
  reason: string,
  { by = exporter, severity = 'critical', labels = ofNode, since = begun, until = Infinity }: Partial<Explaining> = {},
): Series => by.problem('incident', { ...labels, severity, reason }, (t) => (t < 600 || t >= until ? 'stale' : since))

interface Explaining {
  readonly by: Exporter
  readonly severity: string
  readonly labels: Readonly<Record<string, string>>
  readonly since: number
  readonly until: number
}

/** A missed renewal, which the incident explains from `from` on. */
const missed = (of: Workload, from: number): readonly Series[] => {
  const labels = { ...of, copy: 'mounted' }
  return [
    exporter.problem('renewal_missed', labels, (t) => (t < 500 || t >= from ? 'stale' : 490)),
    exporter.problem('renewal_missed', { ...labels, explained_by: 'incident' }, (t) => (t < from ? 'stale' : 490)),
  ]
}

const copied = { ...web, copy: 'mounted', reason: 'unknown_authority' }

/** The one thing that explains many problems, and the silence of what it explains. */
export const oneCause: readonly Scenario[] = [
  scenario(
    'a node that explains missed renewals is one page, and none of its workloads has one',
    [...exporter.self(), explains('node_renewals'), ...pair(web).flatMap((of) => missed(of, 500))],
    [585],
    [600, incident],
    [1800, incident],
  ),
  scenario(
    'a workload that was notified of before its node was named keeps its page',
    [...exporter.self(), explains('node_renewals'), ...missed(web, 600)],
    [525, soon(web)],
    [600, incident, soon(web)],
    [1800, incident, soon(web)],
  ),
  ...(['issuer', 'trust_domain'] as const).map((label) =>
    scenario(
      `one ${label} that explains refusals is one page, as early as the first of them would be one`,
      [
        ...exporter.self(),
        explains(`${label}_refusals`, { labels: { [label]: web[label] } }),
        exporter.problem('peer_refuses', { ...copied, explained_by: 'incident' }, (t) => (t < 600 ? 'stale' : begun)),
      ],
      [645],
      [660, critical('SPIFFEIncident', { [label]: web[label] })],
    ),
  ),
  scenario(
    'two clusters in which everything fails are two pages',
    [
      ...exporter.self(),
      ...['east', 'west'].map((cluster) =>
        explains('everything_renewals', { labels: {}, by: new Exporter({ cluster }) }),
      ),
    ],
    [600, critical('SPIFFEIncident', { cluster: 'east' }), critical('SPIFFEIncident', { cluster: 'west' })],
  ),
  scenario(
    'a node that has lost its mounts is a warning as early as the first of them would be one, and a page once a renewal is missed',
    [
      ...exporter.self(),
      explains('node_mounts', { severity: 'warning', until: 900 }),
      exporter.problem('incident', { ...ofNode, reason: 'node_mounts' }, (t) => (t < 900 ? 'stale' : begun)),
      exporter.problem('mount_gone', { ...web, copy: 'mounted', explained_by: 'incident' }, () => begun),
    ],
    [645],
    [660, warning('SPIFFEIncident', ofNode)],
    [900, incident, warning('SPIFFEIncident', ofNode)],
    [1260, incident],
  ),
  scenario(
    'pods that nobody has asked an SVID for are told with their node after as long as each would be',
    [
      ...exporter.self(),
      explains('node_issuance', { severity: 'warning' }),
      exporter.problem('not_issued', { ...web, spiffe_id: '', copy: '', explained_by: 'incident' }, () => begun),
    ],
    [begun + 15 * minute - 5],
    [begun + 15 * minute + 10, warning('SPIFFEIncident', ofNode)],
  ),
  scenario(
    'a node whose renewals and mounts fail is one page',
    [...exporter.self(), explains('node_renewals'), explains('node_mounts', { severity: 'warning' })],
    [1800, incident],
  ),
  scenario(
    'refusals are told as early where the clock of svidwatch is ahead of that of Prometheus',
    [...ahead.self(), explains('node_refusals', { by: ahead, since: begun + 100 })],
    [645],
    [660, incident],
  ),
  scenario(
    'a node that has lost its mounts is told as early there, too',
    [...ahead.self(), explains('node_mounts', { by: ahead, severity: 'warning', since: begun + 100 })],
    [645],
    [660, warning('SPIFFEIncident', ofNode)],
  ),
  scenario(
    'an incident goes on for five minutes after it has ended, so that a gap is no second page',
    [...exporter.self(), explains('node_renewals', { until: 700 })],
    [690, incident],
    [960, incident],
    [1020],
  ),
  ...pairs
    .filter(({ label }) => label !== 'cluster')
    .map(({ label, one, other }) =>
      scenario(
        `two svidwatch that differ in their ${label} and name the same node are one page`,
        [
          ...new Exporter(one).self(),
          explains('node_renewals', { by: new Exporter(one) }),
          explains('node_renewals', { by: new Exporter(other), since: 580 }),
        ],
        [600, critical('SPIFFEIncident', { cluster: 'east', ...ofNode })],
      ),
    ),
  {
    ...scenario('an incident says what it concerns, and what fails', [
      ...exporter.self(),
      explains('node_renewals'),
      explains('node_mounts', { severity: 'warning' }),
    ]),
    moments: [],
    says: [
      {
        at: 600,
        firing: incident,
        summary: 'Many SVIDs have problems with one cause: node node-1',
        description:
          'Since 1970-01-01 00:09:50 +0000 UTC, SVIDs have problems, and node node-1 explains them: what it does not concern works. What fails: node_mounts, node_renewals. /api/v1/problems?code=incident has the evidence, and lists with explainedBy what is explained. Those SVIDs have no alerts of their own. Repair the cause before any pod is restarted.',
      },
    ],
  },
]
