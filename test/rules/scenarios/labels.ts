import { clashingLabels, exportedLabels } from '../../../alerts/labelNames.ts'
import type { Firing, Scenario, Series } from '../scenario.ts'
import { asShipped, scrapedWith, type Scraped } from '../scraped.ts'
import { critical, Exporter, hour, soon, svid, swap, warning, workload } from '../world.ts'

const cluster = 'east'
const exporter = new Exporter({ cluster })
const healthy = svid(hour, -1, 0)
const web = workload({ cluster })
const mismatch = critical('SvidwatchLabelsMismatch', { cluster })
const notHonored = scrapedWith(exportedLabels)
const withTargetLabels: Scraped = { ...asShipped, targetLabels: clashingLabels }

/** A problem of the workload that wakes nobody, so that only its labels matter. */
const mutedProblem = (at: Series['at']): Series => exporter.problem('mount_stale', { ...web, muted: 'true' }, at)

/** Each kind of series that tells how its labels were scraped, until 900 s. */
const telling: Readonly<Record<string, readonly Series[]>> = {
  SVIDs: exporter.copy('mounted', web, swap(healthy, 900, undefined)),
  problems: [mutedProblem(swap<number, 'stale'>(1, 900, 'stale'))],
}

const course = (firing: Firing): Scenario['moments'] => [[585], [600, firing], [1185, firing], [1215]]

/** Both pods of a workload. One of them has missed its renewal. */
const twoPods = [
  ...exporter.self(),
  ...exporter.copy('mounted', web, svid(hour, 0.27, 607)),
  ...exporter.copy('mounted', workload({ cluster, pod: 'web-2' }), healthy),
]

/** What the rules for honored labels say, however svidwatch is scraped. */
export const honoredRules: readonly Scenario[] = [
  ...Object.entries(telling).flatMap(([kind, series]) =>
    clashingLabels.map((label): Scenario => ({
      name: `a scrape that renames the label ${label} of ${kind} is told`,
      scraped: { ...asShipped, targetLabels: [label], honorsLabels: false },
      series: [...exporter.self(), ...series],
      moments: course(mismatch),
    })),
  ),
  {
    name: 'a scrape that honors labels is right, even if targets have labels of the same names',
    scraped: withTargetLabels,
    series: [...twoPods, mutedProblem(() => 1)],
    moments: [[600], [900, soon(web)]],
  },
  {
    name: 'one cluster whose scrape does not honor labels is told by its name',
    scraped: { ...asShipped, targetLabels: ['namespace'], honorsLabels: false },
    series: [cluster, 'west'].flatMap((each) => {
      const by = new Exporter({ cluster: each, instance: each })
      const of = workload({ cluster: each, ...(each === 'west' && { namespace: '' }) })
      return [...by.self(), ...by.copy('mounted', of, healthy)]
    }),
    moments: [[900, mismatch]],
    says: [
      {
        at: 900,
        firing: mismatch,
        summary: 'The rules of svidwatch do not match the labels that Prometheus gives its series in east',
        description:
          'Series of svidwatch have exported_namespace, exported_pod or exported_node, because Prometheus does not honor their labels. Alerts name svidwatch in place of the workload, and a missed renewal may page nobody. Scrape svidwatch with honor_labels: true, or load the rules for exported labels.',
      },
    ],
  },
  {
    name: 'where labels are not honored, one of two pods that misses its renewal pages nobody, but that is told',
    scraped: notHonored,
    series: twoPods,
    moments: [[900, mismatch]],
  },
]

/** The page of the workload by the rules for exported labels. */
const soonByOwnName: Firing = { ...soon(web), labels: { ...web, exported_namespace: 'team-a' } }

/** What the rules for exported labels say if svidwatch is scraped otherwise. */
export const exportedRules: readonly Scenario[] = [
  ...Object.entries(telling).flatMap(([kind, series]) =>
    exportedLabels.exported.map((label): Scenario => ({
      name: `a scrape that does not rename the label ${label} of ${kind} is told`,
      scraped: { ...notHonored, targetLabels: exportedLabels.exported.filter((other) => other !== label) },
      series: [...exporter.self(), ...series],
      moments: course(mismatch),
    })),
  ),
  ...Object.entries(telling).flatMap(([kind, series]): Scenario[] => [
    {
      name: `a scrape that also renames the label node of ${kind} is told`,
      scraped: { ...notHonored, targetLabels: clashingLabels },
      series: [...exporter.self(), ...series],
      moments: course(mismatch),
    },
    {
      name: `a scrape that honors the labels of ${kind} is told, although targets have labels of the same names`,
      scraped: withTargetLabels,
      series: [...exporter.self(), ...series],
      moments: course(mismatch),
    },
  ]),
  {
    name: 'files have no labels that could be renamed',
    scraped: notHonored,
    series: [
      ...new Exporter({ cluster, roles: 'standalone' }).self(),
      ...exporter.copy(
        'mounted',
        workload({ cluster, namespace: '', pod: '', volume: '', node: '', file: '/run/svid.pem' }),
        healthy,
      ),
    ],
    moments: [[900]],
  },
  {
    name: 'of two pods of a workload, the one that misses its renewal pages by its own name',
    scraped: notHonored,
    series: twoPods,
    moments: [[900, soonByOwnName]],
  },
  {
    name: 'a page goes on while svidwatch restarts',
    scraped: notHonored,
    series: (() => {
      const restarted = new Exporter({ cluster, scrapes: (t) => (t >= 700 && t < 880 ? 'down' : 'up') })
      return [...restarted.self(), ...restarted.copy('mounted', web, svid(hour, 0.27, 607))]
    })(),
    moments: [
      [690, soonByOwnName],
      [705, soonByOwnName],
      [870, soonByOwnName],
      [900, soonByOwnName],
    ],
  },
]

const namespaces = ['team-a', 'team-b'] as const

/** The same pods in two namespaces, with the same SPIFFE ID. In each, a renewal is missed and a pod waits for its first SVID. */
export const inTwoNamespaces: Scenario = {
  name: 'pods in two namespaces that are the same but for their namespace',
  scraped: notHonored,
  series: [
    ...exporter.self(),
    ...namespaces.flatMap((namespace) => [
      ...exporter.copy('mounted', workload({ cluster, namespace }), svid(hour, 0.27, 607)),
      exporter.problem('not_issued', { namespace, pod: 'new-1', volume: 'spiffe', node: 'node-1' }, () => 1),
    ]),
  ],
  moments: [
    [
      930,
      ...namespaces.flatMap((exported_namespace) => [
        { ...soon(web), labels: { ...web, namespace: 'svidwatch', exported_namespace } },
        warning('SVIDNotIssued', { cluster, namespace: 'svidwatch', exported_namespace }),
      ]),
    ],
  ],
}
