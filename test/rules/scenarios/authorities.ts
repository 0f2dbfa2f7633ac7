import type { Scenario, Series } from '../scenario.ts'
import { critical, day, Exporter, hour, issuer, minute, pairs, warning, workload } from '../world.ts'

const exporter = new Exporter()
type Labels = Readonly<Record<string, string>>
const ofIssuer = { trust_domain: 'example.org', issuer }
const expiring = (kind: typeof warning, labels: Labels = {}) => kind('SPIFFECAExpiringSoon', { ...ofIssuer, ...labels })
const [warned, woken] = [expiring(warning), expiring(critical)]

interface Ca {
  readonly lifetime: number
  /** How much of it is left when the alert's time begins to run that could fire at 1200. */
  readonly left: number
}

/** A CA that issues, the last time when so much of its lifetime was left; at each moment, where that is not given. */
function ca({ lifetime, left }: Ca, lastLeft?: number, labels: Labels = {}, by = exporter): Series[] {
  const notAfter = 1065 + left * lifetime
  const of = { ...ofIssuer, ...labels }
  return [
    by.series('spire_server_ca_cert_expiry_seconds', of, (t) => notAfter - by.now(t)),
    by.series('spiffe_ca_not_before_timestamp_seconds', of, notAfter - lifetime),
    by.series('spiffe_issuer_last_issued_timestamp_seconds', of, (t) =>
      lastLeft === undefined ? t : notAfter - lastLeft * lifetime,
    ),
  ]
}

/** How much is left of a CA of a day when each of the two alerts fires. */
const levels = [
  { percent: 9, left: 0.09, firing: woken },
  { percent: 14, left: 0.14, firing: warned },
]

const scenario = (name: string, series: readonly Series[], ...moments: Scenario['moments']): Scenario => ({
  name,
  series: [...exporter.self(), ...series],
  moments,
})

const lifetimes = { '1 h': hour, '24 h': day, '30 d': 30 * day } as const
const others = { cluster: 'east', trust_domain: 'other.example', issuer: 'ClusterIssuer/other' } as const
const days = (count: number, of: number): Ca => ({ lifetime: of * day, left: count / of })

/** The same CA with other labels; another cluster has another svidwatch. */
function other(label: string, value: string, of: Ca): readonly Series[] {
  if (label !== 'cluster') return ca(of, undefined, { [label]: value })
  const east = new Exporter({ cluster: value, instance: 'east:9797' })
  return [...east.self(), ...ca(of, undefined, {}, east)]
}

const clusters = ['east', 'west'].map((cluster) => new Exporter({ cluster, instance: `${cluster}:9797` }))

/** The same CA in two clusters, each of which has alerts of its own. */
const inBoth = (of: Ca, lastLeft: number | undefined, ...firing: readonly (typeof warning)[]): Scenario =>
  scenario(
    `a CA in two clusters with ${of.left * 100} % left`,
    clusters.flatMap((by) => [...by.self(), ...ca(of, lastLeft, {}, by)]),
    [1200, ...firing.flatMap((kind) => ['east', 'west'].map((cluster) => expiring(kind, { cluster })))],
  )

export const authorities: readonly Scenario[] = [
  inBoth({ lifetime: day, left: 0.08 }, undefined, critical),
  inBoth({ lifetime: day, left: 0.14 }, undefined, warning),
  inBoth({ lifetime: day, left: 0.04 }, 0.18, critical),
  ...Object.entries(lifetimes).flatMap(([text, lifetime]): Scenario[] => [
    scenario(`a CA of ${text} with 17 % left is healthy`, ca({ lifetime, left: 0.17 }), [1200]),
    scenario(`a CA of ${text} with 14 % left is told`, ca({ lifetime, left: 0.14 }), [1200, warned]),
    scenario(`a CA of ${text} with 11 % left is told, and wakes nobody`, ca({ lifetime, left: 0.11 }), [1200, warned]),
    // The warning about the CA of an hour, which came a few minutes before, goes on for 5 min.
    scenario(`a CA of ${text} with 9 % left wakes someone`, ca({ lifetime, left: 0.09 }), [
      1200,
      ...(lifetime === hour ? [warned] : []),
      woken,
    ]),
    scenario(
      `a CA of ${text} with 8 % left that has not issued since 18 % were left may have been replaced`,
      ca({ lifetime, left: 0.08 }, 0.18),
      [1200],
    ),
    scenario(`a CA of ${text} with 4 % left is at stake, whenever it issued last`, ca({ lifetime, left: 0.04 }, 0.18), [
      1200,
      woken,
    ]),
  ]),
  scenario('of a CA of ten years, 40 days are early enough', ca(days(40, 3650)), [1200]),
  scenario('of a CA of ten years, 20 days are told', ca(days(20, 3650)), [1200, warned]),
  scenario('of a CA of ten years, 6 days are told', ca(days(6, 3650)), [1200, warned]),
  scenario('of a CA of ten years, 4 days wake someone', ca(days(4, 3650)), [1200, woken]),
  ...levels.map(({ percent, left, firing }) => {
    const [old, replaced] = [left, 0.5].map((share) => ca({ lifetime: day, left: share })) as [Series[], Series[]]
    return scenario(
      `an alert about a CA with ${percent} % left ends 5 min after the CA is replaced, and a moment is nobody's`,
      replaced.map((series, index) => ({
        ...series,
        at: (t) => ((t >= 300 && t < 600) || (t >= 60 && t < 165) ? old : replaced)[index]?.at(t),
      })),
      [180],
      [405],
      [420, firing],
      [885, firing],
      [900],
    )
  }),
  {
    ...scenario('a CA that has expired', ca({ lifetime: day, left: -0.01 })),
    says: [woken].map((firing) => ({
      at: 1200,
      firing,
      summary: 'The CA of ClusterIssuer/spiffe-ca has expired',
      description:
        'A certificate in the chain behind the newest SVID of ClusterIssuer/spiffe-ca in example.org has expired, and the issuer still uses it. Every SVID signed with it is invalid once it has expired.',
    })),
  },
  ...Object.entries(others).flatMap(([label, value]): Scenario[] => [
    ...levels.map(({ percent, left, firing }) =>
      scenario(
        `a CA with ${percent} % left beside a healthy one of another ${label}`,
        [...ca({ lifetime: day, left }), ...other(label, value, { lifetime: day, left: 0.9 })],
        [1200, firing],
      ),
    ),
    scenario(
      `a long CA beside a short one of another ${label}, both healthy`,
      [...ca({ lifetime: day, left: 0.4 }), ...other(label, value, days(100, 365))],
      [1200],
    ),
    scenario(
      `CAs that expire and differ in their ${label}`,
      [...ca({ lifetime: day, left: 0.09 }), ...other(label, value, days(4, 3650))],
      [1200, woken, expiring(critical, { [label]: value })],
    ),
  ]),
  scenario(
    'of two svidwatch, the one that knows the newer CA decides',
    [
      ...ca({ lifetime: day, left: 0.09 }, 0.2),
      ...new Exporter({ instance: 'b:9797' }).self(),
      ...ca({ lifetime: day, left: 0.9 }, undefined, {}, new Exporter({ instance: 'b:9797' })),
    ],
    [1200],
  ),
  ...pairs.flatMap(({ label, one, other: next }) =>
    levels.map(({ percent, left }) => {
      const blind = new Exporter({ ...one, blind: [100, Infinity], blindTo: 'certificateRequests' })
      const seeing = [next, ...(label === 'cluster' ? [{ ...one, instance: 'c:9797' }] : [])].map(
        (options) => new Exporter(options),
      )
      return scenario(
        `of svidwatch that differ in their ${label}, a blind one does not tell of a CA with ${percent} % left that was replaced since`,
        [
          ...blind.self(),
          ...ca({ lifetime: day, left }, left, {}, blind),
          ...seeing.flatMap((by) => [...by.self(), ...ca({ lifetime: day, left: 0.9 }, undefined, {}, by)]),
        ],
        [1200],
      )
    }),
  ),
  ...levels.map(({ percent, left, firing }): Scenario => ({
    name: `a CA with ${percent} % left is told although the only svidwatch is blind since, and another cluster has one that sees`,
    series: [
      ...new Exporter({ blind: [100, Infinity], blindTo: 'certificateRequests' }).self(),
      ...clusters.flatMap((by) => by.self()),
      ...ca({ lifetime: day, left }),
    ],
    moments: [[900, firing]],
  })),
  ...[undefined, [100, Infinity] as const].flatMap((blind) => {
    const by = new Exporter({ blind })
    return [
      by.problem('issuer_slow', ofIssuer, () => 1),
      by.problem('renewal_missed', { ...workload(), copy: 'mounted', muted: 'true' }, () => 1),
    ].map((problem): Scenario => ({
      name: `a healthy CA of which a ${blind ? 'blind' : 'seeing'} svidwatch tells another problem: ${problem.labels.code ?? ''}`,
      series: [...by.self(), ...ca({ lifetime: day, left: 0.9 }, undefined, {}, by), problem],
      moments: [[600]],
    }))
  }),
  scenario(
    'a clock of svidwatch that is two minutes off moves nothing',
    ca({ lifetime: day, left: 0.17 }, undefined, {}, new Exporter({ ahead: 2 * minute })),
    [1200],
  ),
]
