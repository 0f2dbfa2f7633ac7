import type { Firing, Scenario, Series } from '../scenario.ts'
import { critical, Exporter, expired, hour, minute, soon, svid, workload, type Svid, type Workload } from '../world.ts'

const exporter = new Exporter()
const clusters = ['east', 'west'].map((cluster) => new Exporter({ cluster, instance: `${cluster}:9797` }))

/** Workloads of two namespaces whose renewals are missed one second after the other, in the order of their names. */
const fleet = (count: number, lifetime: number, cluster = ''): readonly (readonly [Workload, Svid])[] =>
  Array.from({ length: count }, (_, index) => [
    workload({ cluster, namespace: index < 40 ? 'team-a' : 'team-b', pod: `web-${String(index).padStart(3, '0')}` }),
    svid(lifetime, 0.27, 500 + index),
  ])

const mounted = (all: ReturnType<typeof fleet>, by = exporter): readonly Series[] =>
  all.flatMap(([of, at]) => by.copy('mounted', of, at))
const named = (all: ReturnType<typeof fleet>, kind: (of: Workload) => Firing): readonly Firing[] =>
  all.slice(0, 100).map(([of]) => kind(of))

const others = (labels: Readonly<Record<string, string>> = {}) => critical('SVIDsExpiringSoon', labels)

const unexported = workload({ pod: 'web-2' })

const [first] = fleet(1, hour).map(([of]) => of) as [Workload]
const [east, west] = clusters as [Exporter, Exporter]
const [[lastInEast, itsSvid]] = fleet(101, hour, 'east').slice(-1) as [readonly [Workload, Svid]]
const namesake = { ...lastInEast, cluster: 'west' }

/**
 * Workloads that differ in one label alone from one that has an alert by name. Each is in a namespace that has more alerts than
 * its share.
 */
const besideFirst = Object.entries({
  spiffe_id: 'spiffe://example.org/ns/team-a/sa/other',
  trust_domain: 'other.example',
  namespace: 'team-b',
  pod: 'other',
  volume: 'other',
  node: 'node-2',
  file: '/run/other.pem',
}).map(([label, value]): Workload => ({ ...first, [label]: value }))

const inNamespace = (namespace: string, all: ReturnType<typeof fleet>): ReturnType<typeof fleet> =>
  all.map(([of, at]) => [{ ...of, namespace }, at])
/** A cluster in which a namespace misses many more renewals than another one, and one in which that one misses them earlier. */
const greedy = inNamespace('a-greedy', fleet(162, hour, 'east').slice(0, 150))
const late = inNamespace('team-a', fleet(162, hour, 'east').slice(150))
const inWest = inNamespace('team-a', fleet(20, hour, 'west'))

/** More workloads than have alerts by name. */
export const many: readonly Scenario[] = [
  {
    name: 'of 103 workloads that miss their renewal, the 100 whose SVIDs expire first have alerts by name',
    series: [...exporter.self(), ...mounted(fleet(103, hour))],
    moments: [[615, others(), ...named(fleet(103, hour), soon)]],
    says: [
      {
        at: 615,
        firing: others(),
        summary: 'The SVIDs of 3 more workloads were not renewed',
        description:
          'Besides the 100 workloads that SVIDExpiringSoon names, 3 workloads have missed the renewal. Of each namespace, those that are named expire first. Most missed renewals are in team-b (63), team-a (40). So many usually have one cause, such as drivers that were restarted.',
      },
    ],
  },
  {
    name: 'of 101 workloads whose SVIDs have expired, 100 have alerts by name',
    series: [...exporter.self(), ...mounted(fleet(101, 5 * minute))],
    moments: [[690, others(), ...named(fleet(101, 5 * minute), soon), ...named(fleet(101, 5 * minute), expired)]],
    says: [
      {
        at: 690,
        firing: others(),
        summary: 'The SVID of 1 more workload was not renewed',
        description:
          'Besides the 100 workloads that SVIDExpiringSoon names, 1 workload has missed the renewal. Of each namespace, those that are named expire first. Most missed renewals are in team-b (61), team-a (40). So many usually have one cause, such as drivers that were restarted.',
      },
    ],
  },
  {
    name: 'a namespace has alerts by name for the 10 of its workloads that expire first, however many of others expire before',
    series: [
      ...clusters.flatMap((by) => by.self()),
      ...mounted(greedy, east),
      ...mounted(late, east),
      ...mounted(inWest, west),
    ],
    moments: [
      [
        690,
        others({ cluster: 'east' }),
        ...[...greedy.slice(0, 90), ...late.slice(0, 10), ...inWest].map(([of]) => soon(of)),
      ],
    ],
  },
  {
    name: 'each cluster has alerts by name for 100 of its own',
    series: clusters.flatMap((by, index) => [...by.self(), ...mounted(fleet(101, hour, ['east', 'west'][index]), by)]),
    moments: [
      [615, ...['east', 'west'].flatMap((cluster) => [others({ cluster }), ...named(fleet(101, hour, cluster), soon)])],
    ],
  },
  {
    name: 'workloads that have no alert by name are counted, although each differs from one that has in one label alone',
    series: [
      ...exporter.self(),
      ...mounted(fleet(100, hour)),
      ...besideFirst.flatMap((of) => exporter.copy('mounted', of, svid(hour, 0.27, 605))),
    ],
    moments: [[615, others(), ...named(fleet(100, hour), soon)]],
    says: [
      {
        at: 615,
        firing: others(),
        summary: 'The SVIDs of 7 more workloads were not renewed',
        description:
          'Besides the 100 workloads that SVIDExpiringSoon names, 7 workloads have missed the renewal. Of each namespace, those that are named expire first. Most missed renewals are in team-b (61), team-a (46). So many usually have one cause, such as drivers that were restarted.',
      },
    ],
  },
  {
    name: 'a workload that has no alert by name is counted, although its namesake in another cluster has one',
    series: [
      ...east.self(),
      ...west.self(),
      ...mounted(fleet(101, hour, 'east'), east),
      ...west.copy('mounted', namesake, itsSvid),
    ],
    moments: [[615, others({ cluster: 'east' }), ...named(fleet(101, hour, 'east'), soon), soon(namesake)]],
  },
  {
    name: 'the count of the others ends with the renewals',
    series: [
      ...exporter.self(),
      ...fleet(101, hour).flatMap(([of, at], index) =>
        exporter.copy('mounted', of, index === 0 ? (t) => (t < 700 ? at : undefined) : at),
      ),
    ],
    moments: [
      [690, others(), ...named(fleet(101, hour), soon)],
      [
        705,
        ...fleet(101, hour)
          .slice(1)
          .map(([of]) => soon(of)),
      ],
    ],
  },
  {
    name: 'a missed renewal pages although svidwatch has left out the series of its SVID',
    series: [...exporter.self(), exporter.problem('renewal_missed', { ...unexported, copy: 'mounted' }, () => 600)],
    moments: [[585], [600, soon(unexported)]],
    says: [
      {
        at: 600,
        firing: soon(unexported),
        summary: 'The SVID of team-a/web-2 (volume spiffe) was not renewed and expires at a time that is not exported',
        description:
          'The SVID spiffe://example.org/ns/team-a/sa/web of team-a/web-2 (volume spiffe) on node node-1 was not renewed and expires at a time that is not exported. Issuer: ClusterIssuer/spiffe-ca.',
      },
    ],
  },
  ...(['mounted', 'issued'] as const).map((copy): Scenario => ({
    name: `an SVID that has expired (${copy}) pages although svidwatch has left out its series`,
    series: [...exporter.self(), exporter.problem('expired', { ...unexported, copy }, () => 600)],
    // What has expired by the clock of svidwatch was missed by any clock.
    moments: [
      [585, soon(unexported)],
      [600, soon(unexported), expired(unexported)],
    ],
    says: [
      {
        at: 630,
        firing: expired(unexported),
        summary: 'The SVID of team-a/web-2 (volume spiffe) has expired',
        description:
          'The SVID spiffe://example.org/ns/team-a/sa/web of team-a/web-2 (volume spiffe) on node node-1 expired 30s ago, so connections of the workload fail. Issuer: ClusterIssuer/spiffe-ca.',
      },
    ],
  })),
]
