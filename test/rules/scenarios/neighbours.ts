import type { Scenario, Series } from '../scenario.ts'
import { down, Exporter, hour, issuer, renewed, soon, svid, warning, workload, type Workload } from '../world.ts'
import { bothSoon, copies, copiesOfOne, first, mounted, outage, pair, scenario, second, told } from './issuer.ts'

const places = { cluster: 'west', namespace: 'team-b', pod: 'web-2', volume: 'other', file: '/run/other.pem' }

const [near, far] = ['east', 'west'].map((name) => new Exporter({ cluster: name, instance: `${name}:9797` })) as [
  Exporter,
  Exporter,
]
const [inEast, inWest] = [workload({ cluster: 'east' }), workload({ cluster: 'west', pod: 'api-1' })]

/** What a workload of one cluster says of the place of its name in another: nothing. */
export const namesakes: Scenario = scenario(
  'a renewal that nobody asks for, beside one that is due and has the name of a missed one in another cluster',
  [
    ...near.self(),
    ...far.self(),
    ...copies(inEast, first, near),
    ...copies(inWest, first, far),
    ...copies({ ...inEast, cluster: 'west' }, svid(hour, 0.1, 607), far),
    told({}, far).waits(610),
    told({}, far).issuedLast(outage),
  ],
  [630, ...bothSoon(inEast), ...bothSoon(inWest)],
)

/** The request of its first SVID is still there, and the next one is mounted. */
const unrenewed = (of: Workload, by: Exporter): readonly Series[] => [
  ...by.copy('mounted', of, renewed(first, first.due)),
  ...by.copy('issued', of, first, () => first.due),
]

/** What a former issuer has left waiting is nothing of the one that is asked now. */
export const formerIssuer: Scenario = scenario(
  'two missed renewals beside requests that wait for another issuer, which once issued for them',
  (() => {
    const other = told({ issuer: 'ClusterIssuer/other' })
    const issuedByOther = pair({ ...workload(), issuer: 'ClusterIssuer/other' })
    return [
      ...new Exporter().self(),
      ...mounted(workload(), first),
      ...issuedByOther.flatMap((one) => new Exporter().copy('issued', one, first, () => first.due)),
      other.waits(first.due),
      other.issuedLast(outage),
    ]
  })(),
  [615, ...bothSoon(workload())],
)

const elsewhere = {
  ...places,
  spiffe_id: 'spiffe://example.org/ns/team-a/sa/other',
  trust_domain: 'other.example',
  node: 'node-2',
}

/** The requests of an outage wait for more than 10 min in the end. */
const waitsForLong = warning('SVIDIssuanceStuck', { cluster: 'east', issuer, reason: 'awaiting_issuer' })

/** What an issuer that is down explains of one workload says nothing of another that differs in one label. */
export const besideExplained: readonly Scenario[] = Object.entries(elsewhere).map(([label, value]) => {
  const here = new Exporter({ cluster: 'east', instance: 'east:9797' })
  const there = label === 'cluster' ? new Exporter({ cluster: value, instance: 'west:9797' }) : here
  const ours = workload({ cluster: 'east' })
  const other = { ...ours, [label]: value, issuer: 'ClusterIssuer/other' }
  return scenario(
    `a missed renewal of an issuer that works, beside an outage of another one, of a workload that differs in its ${label}`,
    [
      ...here.self(),
      ...(here === there ? [] : there.self()),
      ...copies(ours, second, here),
      ...copiesOfOne(other, first, there),
      told({}, here).waits(second.due),
      told({}, here).issuedLast(outage),
      told({ issuer: other.issuer }, there).issuedLast(first.due + 10),
    ],
    [615, soon(other)],
    [645, down({ cluster: 'east' }), soon(other)],
    [990, down({ cluster: 'east' }), soon(other), waitsForLong],
  )
})

/** Two workloads whose place alone does not tell them apart are two. */
export const samePlace: readonly Scenario[] = (['spiffe_id', 'trust_domain', 'node'] as const).map((label) => {
  const other = { ...workload(), [label]: elsewhere[label] }
  const here = new Exporter()
  const { waits, issuedLast } = told()
  return {
    ...scenario(
      `an outage of two workloads of the same place that differ in their ${label}`,
      [
        ...here.self(),
        ...copiesOfOne(workload(), first, here),
        ...copiesOfOne(other, first, here),
        waits(first.due),
        issuedLast(outage),
      ],
      [615, down()],
    ),
    says: [
      {
        at: 615,
        firing: down(),
        summary: 'ClusterIssuer/spiffe-ca issues no SVIDs',
        description:
          'ClusterIssuer/spiffe-ca has issued no SVID since 1970-01-01 00:03:43 +0000 UTC, and requests wait or fail. 2 workloads have missed the renewal so far. A workload cannot connect any more once its SVID has expired. First: team-a/web-1 (expires in 14m 28s). Restarting pods makes it worse.',
      },
    ],
  }
})

/** Workloads that differ in one label of their place alone, beside an outage and beside none. */
export const neighbours: readonly Scenario[] = Object.entries(places).flatMap(([label, value]): Scenario[] => {
  const here = new Exporter({ cluster: 'east', instance: 'east:9797' })
  const there = label === 'cluster' ? new Exporter({ cluster: value, instance: 'west:9797' }) : here
  const self = [...here.self(), ...(here === there ? [] : there.self())]
  const ours = workload({ cluster: 'east' })
  const other = { ...ours, [label]: value }
  const overdue = svid(hour, 0.1, 607)
  const [us, them] = [told({}, here), told({}, there)]
  const [one, next] = [ours, other].map(({ file, namespace, pod }) => file || `${namespace}/${pod}`)
  const nothingIssued = [us, ...(here === there ? [] : [them])].flatMap((one) => [
    one.waits(first.due),
    one.issuedLast(outage),
  ])
  const two = [...self, ...copiesOfOne(ours, first, here), ...copiesOfOne(other, second, there), ...nothingIssued]
  // Of two clusters, each has issuers of its own: there one workload would be none of its issuer's.
  const missedHere = label === 'cluster' ? pair(ours) : [ours]
  return [
    scenario(
      `one request that waits while others are issued, beside one that is due and differs in its ${label}`,
      [
        ...self,
        ...copies(ours, first, here),
        ...copies(other, overdue, there),
        us.waits(first.due),
        us.issuedLast(first.due + 10),
      ],
      [615, ...bothSoon(ours)],
    ),
    scenario(
      `a renewal that nobody asks for while a newer request waits, beside one that is due and differs in its ${label}`,
      [...self, ...copies(ours, first, here), ...copies(other, overdue, there), us.waits(610), us.issuedLast(outage)],
      [630, ...bothSoon(ours)],
    ),
    scenario(
      `an outage beside a stale mount of a workload that differs in its ${label}`,
      [
        ...self,
        ...copies(ours, first, here),
        there.series('spiffe_svid_drift', { ...other, cause: 'mount_stale' }, (t) => (t < 590 ? undefined : 1)),
        us.waits(first.due),
        us.issuedLast(outage),
      ],
      [615, down({ cluster: 'east' })],
    ),
    scenario(
      `a missed renewal beside what was issued and not renewed, but is fresh where it is mounted, and differs in its ${label}`,
      [
        ...self,
        ...missedHere.flatMap((one) => copiesOfOne(one, first, here)),
        ...missedHere.flatMap((one) => unrenewed({ ...one, [label]: value }, there)),
        ...nothingIssued,
      ],
      [615, ...(missedHere.length > 1 ? [down({ cluster: 'east' })] : missedHere.map(soon))],
    ),
    label === 'cluster'
      ? scenario('a missed renewal each in two clusters, of issuers that are down', two, [645, soon(ours), soon(other)])
      : {
          ...scenario(`an outage of two workloads that differ in their ${label}`, two, [
            645,
            down({ cluster: 'east' }),
            soon(ours),
          ]),
          says: [
            {
              at: 645,
              firing: down({ cluster: 'east' }),
              summary: 'ClusterIssuer/spiffe-ca issues no SVIDs in east',
              description: `ClusterIssuer/spiffe-ca has issued no SVID since 1970-01-01 00:03:43 +0000 UTC, and requests wait or fail. 2 workloads have missed the renewal so far. A workload cannot connect any more once its SVID has expired. First: ${one} (expires in 13m 58s), ${next} (expires in 14m 28s). Restarting pods makes it worse.`,
            },
          ],
        },
  ]
})
