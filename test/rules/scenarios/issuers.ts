import type { Firing, Scenario } from '../scenario.ts'
import {
  critical,
  down,
  Exporter,
  expired,
  hour,
  renewed,
  soon,
  svid,
  swap,
  warning,
  workload,
  type Workload,
} from '../world.ts'
import {
  bothSoon,
  copies,
  copiesOfOne,
  first,
  issued,
  mounted,
  outage,
  pair,
  scenario,
  second,
  staleMounts,
  third,
  told,
} from './issuer.ts'

const exporter = new Exporter()
const [web, api, db] = ['web-1', 'api-1', 'db-1'].map((pod) => workload({ pod })) as [Workload, Workload, Workload]
const { waits, issuedLast, failures } = told({})
const outOfThree = [
  ...exporter.self(),
  ...copiesOfOne(web, first),
  ...copiesOfOne(api, second),
  ...copiesOfOne(db, third),
]
const busy = (t: number) => t - (t % 10)
/** So often had requests failed. */
const failing = (t: number) => (t < first.due ? 0 : 1 + Math.floor((t - first.due) / 120))

/** The requests of an outage wait for more than 10 min in the end. */
const waitsForLong = warning('SVIDIssuanceStuck', { issuer: web.issuer, reason: 'awaiting_issuer' })

const others = { cluster: 'west', issuer: 'ClusterIssuer/other' }

/** An issuer that is down is one page; what is wrong with single workloads, while it works, is not its page. */
export const issuers: readonly Scenario[] = [
  {
    ...scenario(
      'an issuer that is down is told once, as soon as a second renewal is missed',
      [...outOfThree, waits(first.due), issuedLast(outage)],
      [600],
      [615, soon(web)],
      [645, down(), soon(web)],
      [675, down(), soon(web)],
      [945, down(), soon(web), waitsForLong],
    ),
    says: (
      [
        [645, 2, 'team-a/web-1 (expires in 13m 58s), team-a/api-1 (expires in 14m 28s)'],
        [
          675,
          3,
          'team-a/web-1 (expires in 13m 28s), team-a/api-1 (expires in 13m 58s), team-a/db-1 (expires in 14m 28s)',
        ],
      ] as const
    ).map(([at, count, names]) => ({
      at,
      firing: down(),
      summary: 'ClusterIssuer/spiffe-ca issues no SVIDs',
      description: `ClusterIssuer/spiffe-ca has issued no SVID since 1970-01-01 00:03:43 +0000 UTC, and requests wait or fail. ${count} workloads have missed the renewal so far. A workload cannot connect any more once its SVID has expired. First: ${names}. Restarting pods makes it worse.`,
    })),
  },
  {
    ...scenario(
      'the page of an issuer says which SVIDs have expired already',
      [
        ...exporter.self(),
        ...copiesOfOne(web, svid(hour, 1.01, 607)),
        ...copiesOfOne(api, first),
        waits(svid(hour, 1.01, 607).due),
        issuedLast(svid(hour, 1.01, 607).due - 60),
      ],
      [630, down(), soon(web), expired(web), waitsForLong],
    ),
    says: [
      {
        at: 630,
        firing: down(),
        summary: 'ClusterIssuer/spiffe-ca issues no SVIDs',
        description: `ClusterIssuer/spiffe-ca has issued no SVID since 1969-12-31 23:48:55 +0000 UTC, and requests wait or fail. 2 workloads have missed the renewal so far. A workload cannot connect any more once its SVID has expired. First: team-a/web-1 (expired 35s ago), team-a/api-1 (expires in 14m 13s). Restarting pods makes it worse.`,
      },
    ],
  },
  scenario(
    'a workload that was told before its issuer was found to be down has one alert, also after the issuer issues to others again',
    [
      ...exporter.self(),
      ...copiesOfOne(web, first),
      ...copiesOfOne(api, second),
      waits((t) => (t < 700 ? first.due : 'stale')),
      issuedLast((t) => (t < 700 ? outage : t)),
    ],
    [615, soon(web)],
    [645, down(), soon(web)],
    [1110, down(), soon(web)],
    [1140, soon(web), soon(api)],
  ),
  ...([200, 400] as const).map((seconds) => {
    const restarted = new Exporter({ scrapes: (t) => (t >= 700 && t < 700 + seconds ? 'down' : 'up') })
    const one = told({}, restarted)
    return scenario(
      `a workload that was told before its issuer was found to be down, and a svidwatch that is gone for ${seconds} s meanwhile`,
      [
        ...restarted.self(),
        ...copiesOfOne(web, first, restarted),
        ...copiesOfOne(api, second, restarted),
        one.waits((t) => t - 15),
        one.issuedLast(outage),
        one.failures(failing),
      ],
      [690, down(), soon(web)],
      [725 + seconds, down(), ...(seconds < 300 ? [soon(web)] : [critical('SvidwatchDown')])],
      [1800, down(), ...(seconds < 300 ? [soon(web), expired(web)] : [])],
    )
  }),
  scenario(
    'an issuer that was down explains a renewal until the driver has fetched what was issued',
    (() => {
      const next = renewed(first, 700)
      return [
        ...exporter.self(),
        ...mounted(web, swap(first, 1000, next)),
        ...issued(web, swap(first, 700, next), exporter.contact),
        ...pair(web).map((of) =>
          exporter.series('spiffe_svid_drift', { ...of, cause: 'mount_stale' }, (t) =>
            t < 710 || t >= 1000 ? undefined : 1,
          ),
        ),
        waits((t) => (t < 700 ? first.due : 'stale')),
        issuedLast((t) => (t < 700 ? outage : t)),
      ]
    })(),
    [690, down()],
    [990, down()],
    [1005],
  ),
  scenario(
    'a single renewal that is missed is the page of its workload, although nothing else was issued since',
    [...exporter.self(), ...copiesOfOne(web, first), waits(first.due), failures(failing), issuedLast(outage)],
    [615, soon(web)],
    [800, soon(web)],
  ),
  scenario(
    'an approver that is gone is the same page',
    [...outOfThree, waits(first.due, 'awaiting_approval'), issuedLast(outage)],
    [600],
    [615, soon(web)],
    [645, down(), soon(web)],
  ),
  scenario(
    'an issuer that lets every request fail is the same page',
    [...outOfThree, failures(failing), issuedLast(outage)],
    [600],
    [615, soon(web)],
    [645, down(), soon(web)],
  ),
  scenario(
    'a single request that has failed since, a while ago, is enough',
    [...exporter.self(), ...copies(web, first), failures(swap(0, first.due + 20, 1)), issuedLast(outage)],
    [600],
    [615, down()],
  ),
  scenario(
    'it is told with its cluster where there are several',
    (() => {
      const there = new Exporter({ cluster: 'east', instance: 'east:9797' })
      const one = told({}, there)
      const web = workload({ cluster: 'east' })
      return [...there.self(), ...copies(web, first, there), one.failures(failing), one.issuedLast(outage)]
    })(),
    [615, down({ cluster: 'east' })],
  ),
  ...(() => {
    const later = svid(hour, 0.27, 1207)
    const refusedAt = (at: number) => [
      ...exporter.self(),
      ...copies(web, later),
      failures((t) => (t < at ? 0 : 5)),
      issuedLast(outage),
    ]
    return [
      scenario(
        'failures of long ago say nothing of a renewal that nobody has asked for',
        refusedAt(later.due - 380),
        [1215, ...bothSoon(web)],
        [1300, ...bothSoon(web)],
      ),
      scenario(
        'failures so shortly before the renewals were due that drivers do not ask again yet are the same page',
        refusedAt(later.due - 340),
        [1200],
        [1215, down()],
      ),
    ]
  })(),
  scenario(
    'an issuer that is down and of which a restarted svidwatch knows no SVID is the same page',
    [...exporter.self(), ...mounted(web, first), waits(first.due)],
    [600],
    [615, down()],
  ),
  scenario(
    'one request that waits while others are issued is the page of its workload',
    [...exporter.self(), ...copies(web, first), waits(first.due), issuedLast(busy)],
    [615, ...bothSoon(web)],
    [800, ...bothSoon(web)],
  ),
  scenario(
    'one request that fails while others are issued is the page of its workload',
    [...exporter.self(), ...copies(web, first), failures(failing), issuedLast(busy)],
    [615, ...bothSoon(web)],
    [800, ...bothSoon(web)],
  ),
  scenario(
    'a stale mount is not the issuer, whichever request waits',
    [
      ...exporter.self(),
      ...mounted(web, first),
      ...issued(web, renewed(first, first.due), exporter.contact),
      ...staleMounts(web),
      waits(first.due - 10),
      issuedLast(first.due - 10),
    ],
    [615, ...bothSoon(web), ...pair(web).map((of) => warning('SVIDMountStale', { ...of }))],
    [800, ...bothSoon(web), ...pair(web).map((of) => warning('SVIDMountStale', { ...of }))],
  ),
  scenario(
    'the stale mount of another workload leaves an outage as it is',
    [
      ...outOfThree,
      exporter.series('spiffe_svid_drift', { ...workload({ pod: 'other-1' }), cause: 'mount_stale' }, (t) =>
        t < 590 ? undefined : 1,
      ),
      waits(first.due),
      issuedLast(outage),
    ],
    [615, soon(web)],
    [645, down(), soon(web)],
  ),
  scenario(
    'another drift than a stale mount leaves an outage as it is',
    [
      ...exporter.self(),
      ...copies(web, first),
      exporter.series('spiffe_svid_drift', { ...web, cause: 'another' }, 1),
      waits(first.due),
      issuedLast(outage),
    ],
    [615, down()],
  ),
  scenario(
    'a renewal that nobody asks for is not the issuer, although a newer request waits for a moment',
    [...exporter.self(), ...copies(web, first), waits((t) => (t < 610 ? 'stale' : t - 5)), issuedLast(outage)],
    [615, ...bothSoon(web)],
    [700, ...bothSoon(web)],
  ),
  scenario(
    'a renewal that nobody asks for is not the issuer where no request waits',
    [...exporter.self(), ...copies(web, first), issuedLast(outage)],
    [615, ...bothSoon(web)],
    [700, ...bothSoon(web)],
  ),
  scenario(
    'an issuer that was down ends its page 5 min after the last workload has its SVID, as drivers are slow to ask again',
    [
      ...exporter.self(),
      ...mounted(web, swap(first, 1000, renewed(first, 1000))),
      waits((t) => (t < 700 ? first.due : 'stale')),
      issuedLast((t) => (t < 700 ? outage : t)),
    ],
    [690, down()],
    [990, down()],
    [1005],
  ),
  scenario(
    'two svidwatch tell it once, and a blind one does not hide it',
    [
      ...outOfThree,
      waits(first.due),
      issuedLast(outage),
      ...new Exporter({ instance: 'b:9797', blind: [outage - 100, Infinity] }).self(),
      told({}, new Exporter({ instance: 'b:9797' })).issuedLast(outage - 10),
    ],
    [615, soon(web)],
    [645, down(), soon(web)],
  ),
  scenario(
    'what was issued and not renewed, where the mounted copy is fresh, is nothing that was missed',
    [
      ...exporter.self(),
      ...mounted(web, renewed(first, first.due)),
      ...issued(web, first, () => first.due),
      waits(first.due),
      issuedLast(outage),
    ],
    [615],
    [700],
  ),
  scenario(
    'what only files tell, while the API is out of sight, says nothing of the issuer',
    (() => {
      const half = new Exporter({ blind: [590, 780] })
      const otherSource = half.series(
        'svidwatch_source_last_contact_timestamp_seconds',
        { source: 'nodeFindings' },
        half.now,
      )
      const files = mounted(web, first, half, half.now)
      return [...half.self(), otherSource, ...files, waits(first.due), issuedLast(outage)]
    })(),
    [615, ...bothSoon(web)],
    [765, ...bothSoon(web)],
    [780, down(), ...bothSoon(web)],
    [1080, down(), ...bothSoon(web), waitsForLong],
  ),
  scenario(
    'an issuer that was down when the API went out of sight stays its page',
    (() => {
      const half = new Exporter({ blind: [630, Infinity] })
      const files = [...mounted(web, first, half, half.now), ...mounted(db, third, half, half.now)]
      return [...half.self(), ...files, waits(first.due), issuedLast(outage)]
    })(),
    [615, down()],
    [1350, down(), ...bothSoon(db)],
  ),
  scenario(
    'a stale mount of which a restarted svidwatch does not tell yet is not the issuer, while it is renewed again',
    [
      ...exporter.self(),
      ...mounted(web, first),
      ...issued(web, svid(hour, 0, 610), () => 610),
      waits(first.due),
      issuedLast(605),
    ],
    [615, ...bothSoon(web)],
    [630, ...bothSoon(web)],
  ),
  scenario(
    'workloads whose issuer nobody knows are their own pages',
    (() => {
      const unknown = workload({ issuer: '' })
      return [...exporter.self(), ...mounted(unknown, first), told({ issuer: '' }).waits(first.due), issuedLast(outage)]
    })(),
    [615, ...bothSoon(workload({ issuer: '' }))],
  ),
  ...Object.entries(others).flatMap(([label, value]): Scenario[] => {
    const here = new Exporter({ cluster: 'east', instance: 'east:9797' })
    const there = label === 'cluster' ? new Exporter({ cluster: value, instance: 'west:9797' }) : here
    const self = [...here.self(), ...(here === there ? [] : there.self())]
    const east = workload({ cluster: 'east' })
    const other = { ...east, ...(label === 'issuer' && { pod: 'other-1' }), [label]: value }
    const [ours, theirs] = [told({}, here), told(label === 'issuer' ? { issuer: value } : {}, there)]
    const alertOf = ({ cluster, issuer }: Workload): Firing => down({ cluster, issuer })
    return [
      scenario(
        `a missed renewal each of two that differ in their ${label}`,
        [
          ...self,
          ...copiesOfOne(east, first, here),
          ...copiesOfOne(other, first, there),
          ...[ours, theirs].flatMap((one) => [one.waits(first.due), one.issuedLast(outage)]),
        ],
        [645, soon(east), soon(other)],
      ),
      scenario(
        `an issuer that is down beside one that works, which differs in its ${label}`,
        [
          ...self,
          ...copies(east, first, here),
          ours.waits(first.due),
          ours.issuedLast(outage),
          theirs.issuedLast(busy),
        ],
        [615, alertOf(east)],
      ),
      scenario(
        `an issuer that is down beside one that works but for one request, which differs in its ${label}`,
        [
          ...self,
          ...copies(east, first, here),
          ...copies(other, first, there),
          ...[ours, theirs].map((one) => one.waits(first.due)),
          ours.issuedLast(outage),
          theirs.issuedLast(busy),
        ],
        [615, alertOf(east), ...bothSoon(other)],
      ),
      scenario(
        `a missed renewal of an issuer that works beside a request that waits for one which differs in its ${label}`,
        [
          ...self,
          ...copies(east, first, here),
          ours.issuedLast(outage),
          theirs.waits(first.due),
          theirs.failures(failing),
        ],
        [615, ...bothSoon(east)],
        [700, ...bothSoon(east)],
      ),
      scenario(
        `two issuers that are down and differ in their ${label}`,
        [
          ...self,
          ...copies(east, first, here),
          ...copies(other, second, there),
          ...[ours, theirs].flatMap((one) => [one.waits(first.due), one.issuedLast(outage)]),
        ],
        [645, alertOf(east), alertOf(other)],
      ),
      scenario(
        `an issuer that was down until ${label === 'cluster' ? 'its cluster' : 'it'} issued again, beside one that still is`,
        [
          ...self,
          ...copies(east, second, here),
          ...copies(other, first, there),
          ours.waits(second.due),
          ours.issuedLast((t) => (t < 620 ? outage : second.due + 1)),
          theirs.waits(first.due),
          theirs.issuedLast(outage),
        ],
        [645, alertOf(other), ...bothSoon(east)],
      ),
    ]
  }),
]
