import type { Scenario, Series } from '../scenario.ts'
import { critical, day, Exporter, hour, issuer, minute, warning, workload } from '../world.ts'

const exporter = new Exporter()
const second = new Exporter({ instance: 'b:9797' })
const domain = 'partner.example'
const stale = (kind: typeof warning, labels: Readonly<Record<string, string>> = {}) =>
  kind('TrustBundleStale', { trust_domain: domain, ...labels })
const unreachable = (labels: Readonly<Record<string, string>> = {}) =>
  warning('FederationEndpointUnreachable', { trust_domain: domain, ...labels })
const expired = (labels: Readonly<Record<string, string>> = {}) =>
  critical('TrustBundleExpired', { trust_domain: domain, ...labels })
const regressed = (labels: Readonly<Record<string, string>> = {}) =>
  warning('FederationSequenceRegressed', { trust_domain: domain, ...labels })

interface Endpoint {
  /** When it was last fetched well; undefined: never. */
  readonly refreshed?: number | ((t: number) => number)
  readonly hint?: number
  readonly notAfter?: number | ((t: number) => number)
  readonly up?: (t: number) => number
  readonly regressions?: (t: number) => number
  readonly trust_domain?: string
  readonly by?: Exporter
}

function endpoint({ refreshed, hint, notAfter, up = () => 0, regressions = () => 0, ...options }: Endpoint): Series[] {
  const { trust_domain = domain, by = exporter } = options
  const failures = (reason: string, at: (t: number) => number) =>
    by.series('spiffe_bundle_fetch_failures_total', { trust_domain, reason }, at)
  const told = (name: Parameters<Exporter['series']>[0], value: Parameters<Exporter['series']>[2] | undefined) =>
    value === undefined ? [] : [by.series(name, { trust_domain }, value)]
  return [
    ...told('spiffe_bundle_up', up),
    ...told('spire_bundle_refresh_timestamp', refreshed),
    ...told('spiffe_bundle_refresh_hint_seconds', hint),
    ...told('spiffe_bundle_not_after_timestamp_seconds', notAfter ?? (refreshed === undefined ? undefined : 90 * day)),
    failures('sequence_regressed', regressions),
    failures('unreachable', (t) => Math.floor(t / 60)),
  ]
}

const scenario = (name: string, series: readonly Series[], ...moments: Scenario['moments']): Scenario => ({
  name,
  series: [...exporter.self(), ...series],
  moments,
})

/** After how many seconds without a bundle it is stale, by what the bundle hints. */
const staleAfter = [
  [undefined, 15 * minute],
  [1, 10 * minute],
  [150, 10 * minute],
  [5 * minute, 15 * minute],
  [10 * minute, 30 * minute],
  [hour, 3 * hour],
  [day, 3 * hour],
] as const

const east = new Exporter({ cluster: 'east', instance: 'east:9797' })
const twins = {
  cluster: (of: Endpoint) => [...east.self(), ...endpoint({ ...of, by: east })],
  trust_domain: (of: Endpoint) => endpoint({ ...of, trust_domain: 'other.example' }),
} as const
const twinLabels = { cluster: { cluster: 'east' }, trust_domain: { trust_domain: 'other.example' } } as const
const until = (end: number, before: number, after: number) => (t: number) => (t < end ? before : after)
/** A regression at each attempt, which are 5 min apart. */
const regressing = (t: number) => Math.floor(t / 300)

const single: readonly Scenario[] = [
  ...staleAfter.map(([hint, seconds]) =>
    scenario(
      `a bundle that hints ${hint ?? 'no'} s is stale after ${seconds} s`,
      endpoint({ refreshed: 1200 - seconds, ...(hint !== undefined && { hint }) }),
      [1200],
      [1215, stale(warning)],
    ),
  ),
  scenario('a bundle that is old and can be fetched is not stale', endpoint({ refreshed: -day, up: () => 1 }), [1200]),
  scenario(
    'a stale bundle is none once it is fetched',
    endpoint({ refreshed: until(600, -day, 600), up: until(600, 0, 1) }),
    [585, stale(warning)],
    [600],
  ),
  {
    ...scenario(
      'a bundle of which less than half of its time has passed wakes nobody',
      endpoint({ refreshed: 1200 - 40 * day, notAfter: 1200 + 42 * day }),
      [1200, stale(warning)],
    ),
    says: [
      {
        at: 1200,
        firing: stale(warning),
        summary: 'The trust bundle of partner.example is 40d 0h 0m 0s old',
        description:
          'The bundle endpoint of partner.example has served no usable bundle for 40d 0h 0m 0s. Once that trust domain changes its authorities, its SVIDs are no longer accepted here.',
      },
    ],
  },
  scenario(
    'a bundle of which more than half has passed wakes someone',
    endpoint({ refreshed: 1200 - 44 * day, notAfter: 1200 + 42 * day }),
    [1200, stale(critical)],
  ),
  scenario(
    'a bundle of which more than half has passed, and can be fetched, wakes nobody',
    endpoint({ refreshed: 1200 - 44 * day, notAfter: 1200 + 42 * day, up: () => 1 }),
    [1200],
  ),
  {
    ...scenario(
      'a bundle of which every authority has expired wakes someone, although it can be fetched, until there is a newer one',
      endpoint({ refreshed: (t) => t, notAfter: until(900, 600, 90 * day), up: () => 1 }),
      [600],
      [615, expired()],
      [1185, expired()],
      [1200],
    ),
    says: [
      {
        at: 660,
        firing: expired(),
        summary: 'The trust bundle of partner.example has expired',
        description:
          'The newest X.509 authority in the last bundle of partner.example expired 1m 0s ago. Every server that has no newer bundle refuses all X.509-SVIDs of that trust domain.',
      },
    ],
  },
  scenario(
    'a bundle wakes someone as soon as its last authority has expired',
    endpoint({ refreshed: (t) => t, notAfter: 599.5, up: () => 1 }),
    [585],
    [600, expired()],
  ),
  scenario(
    'a bundle of which every authority has expired wakes someone, if it cannot be fetched, too',
    endpoint({ refreshed: 595, notAfter: 600 }),
    [600, stale(critical)],
    [615, stale(critical), expired()],
  ),
  scenario(
    'a bundle of which one svidwatch knows a newer one has not expired',
    [
      ...endpoint({ refreshed: (t) => t, notAfter: 600, up: () => 1 }),
      ...endpoint({ refreshed: (t) => t, up: () => 1, by: second }),
    ],
    [900],
  ),
  scenario(
    'an endpoint that never gave a bundle is told after a quarter of an hour, until it gives one',
    endpoint({ up: until(1500, 0, 1) }),
    [885],
    [900, unreachable()],
    [1785, unreachable()],
    [1800],
  ),
  scenario('an endpoint that once gave a bundle is not unreachable', endpoint({ refreshed: 600 }), [1200]),
  scenario(
    'a sequence that regresses is told after a quarter of an hour, until there is a good bundle',
    endpoint({ refreshed: until(1500, 0, 1500), up: until(1500, 0, 1), hint: hour, regressions: regressing }),
    [1185],
    [1215, regressed()],
    [1785, regressed()],
    [1800],
  ),
  scenario(
    'a sequence that regressed an hour ago is still told, three hours ago no more',
    endpoint({ refreshed: 0, hint: day, regressions: (t) => (t < 120 ? 0 : 1) }),
    [3720, regressed()],
    [7200, regressed()],
    [7620],
  ),
  scenario('other failures are no regression', endpoint({ refreshed: 600, hint: hour }), [1800]),
  ...[
    { text: 'stale for a day', of: { refreshed: -day } },
    { text: 'of which more than half has passed', of: { refreshed: 1200 - 44 * day, notAfter: 1200 + 42 * day } },
    { text: 'that was never fetched', of: {} },
  ].map(({ text, of }) =>
    scenario(
      `a bundle ${text}, and that another svidwatch fetches, is nobody's`,
      [...endpoint(of), ...endpoint({ refreshed: (t) => t, up: () => 1, by: second })],
      [1200],
    ),
  ),
  ...[
    exporter.problem('issuer_slow', { trust_domain: domain, issuer }, () => 1),
    exporter.problem('renewal_missed', { ...workload({ trust_domain: domain }), muted: 'true' }, () => 1),
  ].flatMap((problem) => [
    scenario(
      `another problem of a trust domain whose bundle cannot be fetched for a moment: ${problem.labels.code ?? ''}`,
      [...endpoint({ refreshed: 1000, hint: hour }), problem],
      [1200],
    ),
    scenario(`another problem of a trust domain that has no bundle: ${problem.labels.code ?? ''}`, [problem], [1200]),
  ]),
  scenario(
    'a bundle that two svidwatch cannot fetch is told once',
    [...endpoint({ refreshed: -day }), ...endpoint({ refreshed: -day, by: second })],
    [1200, stale(warning)],
  ),
]

const behind = new Exporter({ instance: 'behind:9797', ahead: -5 * minute })

const doubled = (['cluster', 'trust_domain'] as const).flatMap((label): Scenario[] => {
  const [twin, labels] = [twins[label], twinLabels[label]]
  const past = { refreshed: (t: number) => t, up: () => 1, notAfter: 600 }
  const old = { refreshed: 1200 - 44 * day, notAfter: 1200 + 42 * day }
  return [
    scenario(
      `bundles that are stale and differ in their ${label}`,
      [...endpoint(old), ...twin(old)],
      [1200, stale(critical), stale(critical, labels)],
    ),
    scenario(
      `bundles that are stale for some hours and differ in their ${label}`,
      [...endpoint({ refreshed: -day }), ...twin({ refreshed: -day })],
      [1200, stale(warning), stale(warning, labels)],
    ),
    scenario(
      `a stale bundle beside a fresh one of another ${label}`,
      [...endpoint(old), ...twin({ refreshed: (t) => t, up: () => 1, notAfter: 900 * day })],
      [1200, stale(critical)],
    ),
    scenario(
      `bundles that have expired and differ in their ${label}`,
      [...endpoint(past), ...twin(past)],
      [900, expired(), expired(labels)],
    ),
    scenario(
      `a bundle that has expired beside one of another ${label} that has not`,
      [...endpoint(past), ...twin({ refreshed: (t) => t, up: () => 1 })],
      [900, expired()],
    ),
    scenario(
      `a bundle that has expired by the clock of Prometheus alone beside one of another ${label} that has expired by that of svidwatch, too`,
      [...behind.self(), ...endpoint({ ...past, by: behind }), ...twin(past)],
      [800, expired(labels)],
    ),
    scenario(
      `a bundle beside a longer hint of another ${label}`,
      [...endpoint({ refreshed: 0 }), ...twin({ refreshed: (t) => t, up: () => 1, hint: hour })],
      [1200, stale(warning)],
    ),
    scenario(
      `an old bundle that can be fetched beside one of another ${label} that cannot`,
      [...endpoint({ ...old, up: () => 1 }), ...twin({ refreshed: (t) => t })],
      [1200],
    ),
    scenario(
      `endpoints that never gave a bundle and differ in their ${label}`,
      [...endpoint({}), ...twin({})],
      [1200, unreachable(), unreachable(labels)],
    ),
    scenario(
      `an endpoint that never gave a bundle beside one of another ${label} that did`,
      [...endpoint({}), ...twin({ refreshed: (t) => t, up: () => 1 })],
      [1200, unreachable()],
    ),
    scenario(
      `sequences that regress and differ in their ${label}`,
      [
        ...endpoint({ refreshed: 0, hint: hour, regressions: regressing }),
        ...twin({ refreshed: 0, hint: hour, regressions: regressing }),
      ],
      [1800, regressed(), regressed(labels)],
    ),
    scenario(
      `a sequence that regressed and can be fetched beside another ${label} that cannot be`,
      [
        ...endpoint({ refreshed: (t) => t, up: () => 1, regressions: regressing }),
        ...twin({ refreshed: 1000, hint: hour }),
      ],
      [1800],
    ),
  ]
})

export const bundles: readonly Scenario[] = [...single, ...doubled]
