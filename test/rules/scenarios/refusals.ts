import type { DiagnosisCode } from '../../../src/diagnosis/codes.ts'
import type { Firing, Scenario, Series } from '../scenario.ts'
import {
  critical,
  Exporter,
  issuer,
  minute,
  otherLabels,
  otherLabelsBut,
  warning,
  workload,
  type Workload,
} from '../world.ts'
import { courses, type Course } from './generic.ts'
import { scenario } from './issuer.ts'

const cluster = 'east'
const teller = new Exporter({ cluster })
const west = new Exporter({ cluster: 'west', instance: 'west:9797' })
const east = workload({ cluster })
const refusal = { copy: 'mounted', reason: 'unknown_authority' } as const

/** When SVIDs are refused first. */
const start = 120
/** So many refused SVIDs of one issuer have one alert. */
const many = 5

/** A workload of the cluster, by its number. */
const numbered = (index: number, more: Partial<Workload> = {}): Workload =>
  workload({ cluster, pod: `web-${String(index).padStart(3, '0')}`, ...more })
const pods = (count: number, more: Partial<Workload> = {}): readonly Workload[] =>
  Array.from({ length: count }, (_, index) => numbered(index, more))

/** The SVID of a workload is refused from one time to another. */
const refused = (of: Workload, from = start, to = Infinity, by = teller): Series =>
  by.problem('peer_refuses', { ...of, ...refusal }, (t) => (t >= from && t < to ? from : 'stale'))

const alone = (of: Workload): Firing => critical('SVIDRefusedByPeers', { ...of, ...refusal })
const ofIssuer = (labels: Readonly<Record<string, string>> = {}): Firing =>
  critical('SVIDRefusedByPeers', { cluster, trust_domain: 'example.org', issuer, ...labels })
const others = (code: DiagnosisCode) => warning('SVIDProblemsUnnamed', { cluster, code })

const course: Course = {
  name: 'an SVID that peers refuse',
  always: teller.self(),
  told: (labels, at) => [teller.problem('peer_refuses', labels, at)],
  trouble: start,
  calm: 'stale',
  firing: (labels) => critical('SVIDRefusedByPeers', labels),
  for: minute,
  keep: 5 * minute,
  by: {
    ...Object.fromEntries(
      otherLabelsBut('file').map(([label, other]) => [label, [east[label as keyof Workload], other] as const]),
    ),
    file: ['', '/run/svid.pem'],
    copy: ['mounted', 'served'],
    reason: ['unknown_authority', 'no_key_usage'],
  },
}

/** What is said of all refused SVIDs of the issuer, the first of which was refused at 120. */
const toldOfAll = (count: number, namespaces: string) => ({
  firing: ofIssuer(),
  summary: `Peers refuse ${count} SVIDs of ClusterIssuer/spiffe-ca in example.org, cluster east`,
  description: `Peers have refused SVIDs of ClusterIssuer/spiffe-ca in example.org since 1970-01-01 00:02:00 +0000 UTC, although they have not expired: ${count} SVIDs now. Reasons: unknown_authority (${count}). Most are in: ${namespaces}. So many mostly mean that the CA of the issuer was replaced before the trust bundles had the new one, or that they have lost the old one. Bring the old and the new CA into the trust bundles, and restart no pods before the CA that signs now is in them.`,
})

/** Four refused SVIDs of one issuer, and one that differs from the first of them in one label: whose alert it is. */
const besideFour = otherLabelsBut('pod').map(([label, value]): Scenario => {
  const other = numbered(0, { [label]: value })
  const four = pods(many - 1)
  const all = [...four, other]
  const isOfAnother = ['cluster', 'trust_domain', 'issuer'].includes(label)
  const by = ({ cluster: of }: Workload) => (of === 'west' ? west : teller)
  const healed = four.slice(2)
  return {
    ...scenario(
      `four refused SVIDs beside one that differs in its ${label}, and three that are left`,
      [
        ...teller.self(),
        ...west.self(),
        ...all.map((of) => refused(of, start, healed.includes(of) ? 240 : Infinity, by(of))),
      ],
      [start + minute, ...(isOfAnother ? all.map(alone) : [ofIssuer()])],
    ),
    says: isOfAnother
      ? []
      : [{ at: 300, ...toldOfAll(3, label === 'namespace' ? 'team-a (2), team-b (1)' : 'team-a (3)') }],
  }
})

/** Two refused copies that differ in one label. The first has its own alert before the second is one of many. */
const twins = Object.entries({ ...otherLabels, copy: 'served', reason: 'no_key_usage' }).map(
  ([label, value]): Scenario => {
    const first = { ...numbered(0), ...refusal, [label]: value }
    const by = label === 'cluster' ? west : teller
    return scenario(
      `many refused SVIDs beside one that has its own alert and differs from one of them in its ${label}`,
      [
        ...teller.self(),
        ...west.self(),
        by.problem('peer_refuses', first, (t) => (t < start ? 'stale' : start)),
        ...pods(many).map((of) => refused(of, 195)),
      ],
      [start + minute, critical('SVIDRefusedByPeers', first)],
      [255, critical('SVIDRefusedByPeers', first), ofIssuer()],
      [10 * minute, critical('SVIDRefusedByPeers', first), ofIssuer()],
    )
  },
)

/** A single refused SVID of another issuer, another trust domain or another cluster has its own alert. */
const ofOthers = (['cluster', 'trust_domain', 'issuer'] as const).map((label): Scenario => {
  const other = numbered(0, { [label]: otherLabels[label] })
  return scenario(
    `many refused SVIDs beside a single one that differs in its ${label} alone`,
    [
      ...teller.self(),
      ...west.self(),
      ...pods(many).map((of) => refused(of)),
      refused(other, start, Infinity, label === 'cluster' ? west : teller),
    ],
    [start + minute, ofIssuer(), alone(other)],
  )
})

/** Four of five refused SVIDs of an issuer are left when svidwatch comes back. */
const afterAway = (name: string, back: number, ...firing: readonly Firing[]): Scenario => {
  const gone = new Exporter({ cluster, scrapes: (t) => (t >= 300 && t < back ? 'down' : 'up') })
  return scenario(
    `of many refused SVIDs, four are left when svidwatch comes back ${name}`,
    [...gone.self(), ...pods(many).map((of, index) => refused(of, start, index === 0 ? 300 : Infinity, gone))],
    [back + 5 * minute, ...firing],
  )
}

const restarts: readonly Scenario[] = [
  afterAway('within 5 min, and their issuer keeps its alert', 300 + 4 * minute, ofIssuer()),
  afterAway(
    'after 6 min, and each has its own alert',
    300 + 6 * minute,
    critical('SvidwatchDown', { cluster }),
    ...pods(many).slice(1).map(alone),
  ),
]

/** An SVID that had its own alert is accepted at 600, and refused again together with many. */
const refusedAgain = (name: string, againAt: number, ...firing: readonly Firing[]): Scenario =>
  scenario(
    `an SVID that had its own alert, and is refused again ${name}`,
    [
      ...teller.self(),
      teller.problem('peer_refuses', { ...numbered(0), ...refusal }, (t) => {
        if (t < start || (t >= 600 && t < againAt)) return 'stale'
        return t < 600 ? start : againAt
      }),
      ...pods(many)
        .slice(1)
        .map((of) => refused(of, againAt)),
    ],
    [start + minute, alone(numbered(0))],
    [40 * minute, ...firing],
  )

const again: readonly Scenario[] = [
  refusedAgain('within 3 min, keeps it beside that of its issuer', 780, alone(numbered(0)), ofIssuer()),
  refusedAgain('after 7 min, is one of many', 1020, ofIssuer()),
]

/** A rotation of the CA, before which nobody has trusted the new one: thousands of SVIDs are refused, and one alert tells it. */
const rotations: readonly Scenario[] = [
  {
    ...scenario(
      'of 1,200 refused SVIDs of one issuer, one alert tells, and the only one of another issuer has its own',
      [
        ...teller.self(),
        ...pods(1200, { namespace: 'team-b' }).map((of) => refused(of)),
        refused(numbered(0, { issuer: 'Issuer/team-a/ca' })),
      ],
      [start + minute - 15],
      [start + minute, ofIssuer(), alone(numbered(0, { issuer: 'Issuer/team-a/ca' }))],
      [20 * minute, ofIssuer(), alone(numbered(0, { issuer: 'Issuer/team-a/ca' }))],
    ),
    says: [
      {
        at: start + minute,
        ...toldOfAll(1200, 'team-b (1200)'),
      },
      {
        at: start + minute,
        firing: alone(numbered(0, { issuer: 'Issuer/team-a/ca' })),
        summary: 'Peers refuse the mounted SVID of team-a/web-000 (volume spiffe): unknown_authority',
        description:
          "Peers have refused the mounted SVID spiffe://example.org/ns/team-a/sa/web of team-a/web-000 (volume spiffe) on node node-1 since 1970-01-01 00:02:00 +0000 UTC, although it has not expired: unknown_authority. Connections of the workload fail. Issuer: Issuer/team-a/ca. Do not restart the workload before the runbook's checks: a new SVID of the same issuer is refused as well if the trust bundle lacks its CA.",
      },
    ],
  },
  scenario(
    'a CA that is rotated as renewals come: the first SVIDs keep their alerts, and one tells of all',
    [
      ...teller.self(),
      ...pods(3).map((of) => refused(of)),
      ...pods(many)
        .slice(3)
        .map((of) => refused(of, 195)),
    ],
    [start + minute, ...pods(3).map(alone)],
    [240, ...pods(3).map(alone)],
    [255, ...pods(3).map(alone), ofIssuer()],
    [20 * minute, ...pods(3).map(alone), ofIssuer()],
  ),
  ...again,
  scenario(
    'SVIDs that are refused for less than a minute before many of their issuer are have no alert of their own',
    [
      ...teller.self(),
      ...pods(3).map((of) => refused(of)),
      ...pods(many)
        .slice(3)
        .map((of) => refused(of, 165)),
    ],
    [150],
    [210],
    [225, ofIssuer()],
    [20 * minute, ofIssuer()],
  ),
  {
    ...scenario(
      'a rotation that heals as renewals come is one alert until the last SVID is accepted',
      [...teller.self(), ...pods(many).map((of, index) => refused(of, start, 300 + 120 * index))],
      [285, ofIssuer()],
      [765, ofIssuer()],
      [780 + 5 * minute - 15, ofIssuer()],
      [780 + 5 * minute],
    ),
    says: [{ at: 615, ...toldOfAll(2, 'team-a (2)') }],
  },
  scenario(
    'an alert of an issuer whose SVIDs are accepted again says nothing of one that is refused later',
    [...teller.self(), ...pods(many).map((of) => refused(of, start, 300)), refused(numbered(9), 900)],
    [285, ofIssuer()],
    [585, ofIssuer()],
    [600],
    [945],
    [960, alone(numbered(9))],
  ),
]

/** More refused SVIDs than have alerts, none of which shares its issuer with many. */
const ofManyIssuers = (count: number): readonly Workload[] =>
  pods(count).map((of, index) => ({ ...of, issuer: `Issuer/team-a/ca-${index}` }))

/** Those of a namespace in another cluster. */
const inWest = ofManyIssuers(20).map((of): Workload => ({ ...of, cluster: 'west', namespace: 'team-b' }))

const bounded: readonly Scenario[] = [
  {
    ...scenario(
      'of 103 refused SVIDs of as many issuers, those that were refused first have alerts, and the others are counted',
      [
        ...teller.self(),
        ...ofManyIssuers(103).map((of, index) => teller.problem('peer_refuses', { ...of, ...refusal }, () => index)),
        ...pods(many, { trust_domain: 'other.example' }).map((of) => refused(of)),
      ],
      [
        11 * minute,
        ...ofManyIssuers(100).map(alone),
        ofIssuer({ trust_domain: 'other.example' }),
        others('peer_refuses'),
      ],
    ),
    says: [
      {
        at: 11 * minute,
        firing: others('peer_refuses'),
        summary: '3 more SVIDs have the problem peer_refuses in east',
        description:
          'Besides the 100 SVIDs that have alerts by name, 3 SVIDs have the problem peer_refuses. So many usually have one cause, such as drivers that were restarted. /api/v1/problems?code=peer_refuses lists all of them.',
      },
    ],
  },
  (() => {
    const late = ['/run/one.pem', '/run/other.pem'].map((file) => numbered(0, { issuer: 'Issuer/team-a/late', file }))
    const files = [...late, ...ofManyIssuers(1).map((of) => ({ ...of, file: '/run/third.pem' }))]
    return {
      ...scenario(
        'of 103 refused SVIDs, those without an alert are counted, although they differ in their file alone from each other or from one that has an alert',
        [
          ...teller.self(),
          ...ofManyIssuers(100).map((of, index) => teller.problem('peer_refuses', { ...of, ...refusal }, () => index)),
          ...files.map((of) => refused(of)),
        ],
        [12 * minute, ...ofManyIssuers(100).map(alone), others('peer_refuses')],
      ),
      says: [
        {
          at: 12 * minute,
          firing: others('peer_refuses'),
          summary: '3 more SVIDs have the problem peer_refuses in east',
          description:
            'Besides the 100 SVIDs that have alerts by name, 3 SVIDs have the problem peer_refuses. So many usually have one cause, such as drivers that were restarted. /api/v1/problems?code=peer_refuses lists all of them.',
        },
      ],
    }
  })(),
  (() => {
    const west = new Exporter({ cluster: 'west', instance: 'west:9797' })
    const last = { ...numbered(200), issuer: 'Issuer/team-a/late' }
    return scenario(
      'of 101 refused SVIDs, the last is counted, although its namesake in another cluster has an alert',
      [
        ...teller.self(),
        ...west.self(),
        ...ofManyIssuers(100).map((of, index) => teller.problem('peer_refuses', { ...of, ...refusal }, () => index)),
        refused(last),
        refused({ ...last, cluster: 'west' }, start, Infinity, west),
      ],
      [12 * minute, ...ofManyIssuers(100).map(alone), alone({ ...last, cluster: 'west' }), others('peer_refuses')],
    )
  })(),
  scenario(
    'a namespace has alerts for 10 of its refused SVIDs, however many of others, or of its namesake in another cluster, were refused before',
    [
      ...teller.self(),
      ...west.self(),
      ...ofManyIssuers(150).map((of, index) => teller.problem('peer_refuses', { ...of, ...refusal }, () => index)),
      ...ofManyIssuers(12).map((of, index) =>
        teller.problem('peer_refuses', { ...of, ...refusal, namespace: 'team-b' }, () => 200 + index),
      ),
      ...inWest.map((of, index) => west.problem('peer_refuses', { ...of, ...refusal }, () => index)),
    ],
    [
      16 * minute,
      ...ofManyIssuers(90).map(alone),
      ...ofManyIssuers(10).map((of) => alone({ ...of, namespace: 'team-b' })),
      ...inWest.map(alone),
      others('peer_refuses'),
    ],
  ),
]

const away = new Exporter({ cluster, scrapes: (t) => (t >= 300 && t < 420 ? 'down' : 'up') })
const second = new Exporter({ cluster, instance: 'b:9797' })

/** What svidwatch cannot tell for a while, and what two of them tell. */
const tellers: readonly Scenario[] = [
  scenario(
    'while svidwatch restarts and sees the refused SVIDs of an issuer one after the other, its alert goes on, and no other begins',
    [
      ...away.self(),
      ...pods(many).map((of, index) =>
        away.problem('peer_refuses', { ...of, ...refusal }, (t) =>
          t < 420 + 15 * index && t >= 300 ? 'stale' : start,
        ),
      ),
    ],
    [285, ofIssuer()],
    [405, ofIssuer()],
    [480, ofIssuer()],
    [20 * minute, ofIssuer()],
  ),
  scenario(
    'while svidwatch restarts, the alert of a single refused SVID goes on',
    [...away.self(), ...pods(1).map((of) => refused(of, start, Infinity, away))],
    [285, alone(numbered(0))],
    [405, alone(numbered(0))],
    [480, alone(numbered(0))],
    [20 * minute, alone(numbered(0))],
  ),
  scenario(
    'two svidwatch that tell of the same refused SVIDs count each of them once',
    [
      ...teller.self(),
      ...second.self(),
      ...pods(many - 1).flatMap((of) => [refused(of), refused(of, start, Infinity, second)]),
    ],
    [start + minute, ...pods(many - 1).map(alone)],
  ),
  scenario(
    'a volume of which two copies are refused is one SVID, and each copy has an alert',
    [
      ...teller.self(),
      ...pods(many - 1).map((of) => refused(of)),
      teller.problem('peer_refuses', { ...numbered(0), copy: 'served', reason: 'no_key_usage' }, () => start),
    ],
    [
      start + minute,
      ...pods(many - 1).map(alone),
      critical('SVIDRefusedByPeers', { ...numbered(0), copy: 'served', reason: 'no_key_usage' }),
    ],
  ),
]

/** SVIDs that peers refuse although they have not expired. */
export const refusals: readonly Scenario[] = [
  ...courses(course),
  ...besideFour,
  ...twins,
  ...ofOthers,
  ...restarts,
  ...rotations,
  ...bounded,
  ...tellers,
]
