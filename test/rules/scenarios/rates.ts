import type { Scenario, Series } from '../scenario.ts'
import { Exporter, issuer, minute, warning, workload } from '../world.ts'

const exporter = new Exporter()
const east = new Exporter({ cluster: 'east', instance: 'east:9797' })
const always = [...exporter.self(), ...east.self()]
const ofIssuer = { trust_domain: 'example.org', issuer }
const others = { cluster: 'east', trust_domain: 'other.example', issuer: 'ClusterIssuer/other' } as const
type Labels = Readonly<Record<string, string>>

/** A counter that grows by `perMinute` from one time to another. */
const counting =
  (perMinute: number, from = 0, to = Infinity) =>
  (t: number): number =>
    Math.floor((Math.max(0, Math.min(t, to) - from) / 60) * perMinute)

const succeeded = (at: (t: number) => number, labels: Labels = {}, by = exporter): Series =>
  by.series('spire_attestation_success_total', { ...ofIssuer, method: 'cert-manager', ...labels }, at)
const failed = (at: (t: number) => number, labels: Labels = {}, by = exporter): Series =>
  by.series(
    'spire_attestation_failure_total',
    { ...ofIssuer, method: 'cert-manager', reason: 'denied_policy', ...labels },
    at,
  )

const spike = (labels: Labels = {}) => warning('SPIREAttestationFailureSpike', { ...ofIssuer, ...labels })
const scenario = (name: string, series: readonly Series[], ...moments: Scenario['moments']): Scenario => ({
  name,
  series: [...always, ...series],
  moments,
})

const spikes: readonly Scenario[] = [
  scenario(
    '105 of 1,000 requests that fail are a spike',
    [succeeded(counting(179)), failed(counting(21))],
    [2400, spike()],
  ),
  scenario('98 of 1,000 are none', [succeeded(counting(902)), failed(counting(98))], [2400]),
  scenario(
    'one request in eight that fails is a spike',
    [succeeded(counting(14)), failed(counting(2))],
    [1200, spike()],
  ),
  scenario('one request in twelve that fails is none', [succeeded(counting(11)), failed(counting(1))], [1200]),
  scenario(
    '18 failures in a quarter of an hour are too few',
    [succeeded(() => 0), failed(counting(1.2))],
    [1200],
    [2400],
  ),
  scenario('of 48 requests half fail', [succeeded(counting(1.6)), failed(counting(1.6))], [1500, spike()]),
  scenario(
    '18 failures are too few, however many svidwatch tell of them',
    [{ instance: '1:9797' }, { instance: '2:9797' }, { instance: '1:9797', job: 'other' }].flatMap((target) => {
      const by = new Exporter(target)
      return [succeeded(counting(1.2), {}, by), failed(counting(1.2), {}, by)]
    }),
    [1200],
  ),
  scenario(
    'of 48 requests half fail, for two reasons',
    [succeeded(counting(1.6)), failed(counting(0.8)), failed(counting(0.8), { reason: 'failed_signing' })],
    [1500, spike()],
  ),
  scenario('no request succeeds', [succeeded(() => 0), failed(counting(2))], [1200, spike()]),
  scenario(
    'three denials of a few pods are no spike',
    [succeeded(counting(0.5)), failed((t) => (t < 30 ? 0 : 3))],
    [45],
    [345],
    [600],
  ),
  scenario(
    'many denials at once that do not go on are no spike',
    [succeeded(counting(1)), failed((t) => (t < 30 ? 0 : 30))],
    [45],
    [345],
    [600],
  ),
  scenario(
    'denials that go on are a spike after 5 min, and none 10 min after the last one',
    [
      succeeded(counting(1)),
      failed((t) => (t < 30 ? 0 : 30)),
      failed((t) => (t < 300 ? 0 : 1), { reason: 'failed_signing' }),
    ],
    [315],
    [345, spike()],
    [870, spike()],
    [930],
  ),
  scenario(
    'failures that go on are no spike any more where they have become few',
    [succeeded(counting(10)), failed((t) => counting(5, 0, 600)(t) + counting(0.5, 600)(t))],
    [1200, spike()],
    [1800],
  ),
  ...Object.entries(others).map(([label, value]) =>
    scenario(
      `a spike beside another ${label}`,
      [
        succeeded(counting(2)),
        failed(counting(2)),
        succeeded(counting(100), { [label]: value }),
        failed(() => 0, { [label]: value }),
      ],
      [1200, spike()],
    ),
  ),
  ...Object.entries(others).map(([label, value]) =>
    scenario(
      `few failures beside more, but a smaller share, of another ${label}`,
      [
        succeeded(counting(1.2)),
        failed(counting(1.2)),
        succeeded(counting(1000), { [label]: value }),
        failed(counting(2), { [label]: value }),
      ],
      [1200],
    ),
  ),
  ...Object.entries(others).map(([label, value]) =>
    scenario(
      `many denials that do not go on beside failures that do, of another ${label}`,
      [
        succeeded(counting(1)),
        failed((t) => (t < 30 ? 0 : 30)),
        succeeded(counting(1000), { [label]: value }),
        failed(counting(2), { [label]: value }),
      ],
      [345],
      [600],
    ),
  ),
  ...Object.entries(others).map(([label, value]) =>
    scenario(
      `a spike of each ${label}`,
      ['', value].flatMap((one) => [
        succeeded(counting(2), one === '' ? {} : { [label]: one }),
        failed(counting(2), one === '' ? {} : { [label]: one }),
      ]),
      [1200, spike(), spike({ [label]: value })],
    ),
  ),
]

/** Each cluster has its own svidwatch. */
const tellerOf = ({ cluster }: Labels): Exporter => (cluster === 'east' ? east : exporter)

/** How many renewals a minute take so long. */
const renewals = (perMinute: number, seconds: number, labels: Labels = {}): Series[] => {
  const by = tellerOf(labels)
  const bounds = [10, 30, 60, 120]
  const all = counting(perMinute)
  const bucket = (le: string, holds: boolean): Series => ({
    ...by.series('spire_server_svid_renewal_duration_seconds', { ...ofIssuer, le, ...labels }, holds ? all : 0),
    name: 'spire_server_svid_renewal_duration_seconds_bucket',
  })
  return [
    ...bounds.map((bound) => bucket(String(bound), seconds <= bound)),
    bucket('+Inf', true),
    {
      ...by.series('spire_server_svid_renewal_duration_seconds', { ...ofIssuer, ...labels }, all),
      name: 'spire_server_svid_renewal_duration_seconds_count',
    },
  ]
}
const together = (...parts: readonly (readonly Series[])[]): Series[] => {
  const [one = [], ...rest] = parts
  return one.map((series, index) => ({
    ...series,
    at: (t) => [series, ...rest.map((part) => part[index])].reduce((sum, each) => sum + Number(each?.at(t) ?? 0), 0),
  }))
}
const slow = (labels: Labels = {}) => warning('SVIDIssuanceSlow', { ...ofIssuer, ...labels })

/** Some renewals until a time, then others. */
const followed = (one: readonly Series[], until: number, next: readonly Series[]): Series[] =>
  one.map((series, index) => ({
    ...series,
    at: (t) => Number(series.at(Math.min(t, until))) + Number(next[index]?.at(Math.max(t - until, 0))),
  }))

const latencies: readonly Scenario[] = [
  scenario('renewals that take 45 s are slow after a quarter of an hour', renewals(4, 45), [1020], [1200, slow()]),
  scenario('renewals that take 20 s are not', renewals(4, 20), [1200], [1800]),
  scenario('two renewals in a hundred that take 45 s are slow', together(renewals(98, 5), renewals(2, 45)), [
    1200,
    slow(),
  ]),
  scenario(
    'half a renewal in a hundred that takes 45 s is not',
    together(renewals(99.5, 5), renewals(0.5, 45)),
    [1200],
    [1800],
  ),
  scenario(
    'slow renewals are told as long as they are more than one in a hundred of the last quarter of an hour',
    followed(renewals(4, 45), 1500, renewals(400, 5)),
    [1500, slow()],
    [1935, slow()],
    [1965],
  ),
  {
    // From 915 on, 190 of 3,800 are slow. The slowest hundredth begins after four fifths of these, between 30 s and 60 s.
    ...scenario(
      'the slowest hundredth of the renewals of the last quarter of an hour is told',
      followed(together(renewals(40, 45), renewals(40, 5)), 1200, renewals(342, 5)),
      [1800, slow()],
    ),
    says: [
      {
        at: 1800,
        firing: slow(),
        summary: 'SVIDs of ClusterIssuer/spiffe-ca in example.org take 54s to be issued',
        description:
          'In the last 15 min, the slowest 1 % of the SVIDs of ClusterIssuer/spiffe-ca in example.org took 54s or longer from request to certificate.',
      },
    ],
  },
  scenario(
    'another problem of an issuer whose renewals are fast',
    [...renewals(4, 5), exporter.problem('renewal_missed', { ...workload(), muted: 'true' }, () => 1)],
    [1200],
  ),
  scenario('eight slow renewals in a quarter of an hour are too few', renewals(8 / 15, 45), [3000]),
  scenario('twelve are not', renewals(12 / 15, 45), [2400, slow()]),
  ...Object.entries(others).map(([label, value]) =>
    scenario(
      `few slow renewals beside many of another ${label}`,
      [...renewals(8 / 15, 45), ...renewals(100, 5, { [label]: value })],
      [1800],
    ),
  ),
  ...Object.entries(others).map(([label, value]) =>
    scenario(
      `slow renewals beside fast ones of another ${label}`,
      [...renewals(4, 45), ...renewals(4, 5, { [label]: value })],
      [1200, slow()],
    ),
  ),
  ...Object.entries(others).map(([label, value]) =>
    scenario(
      `slow renewals of each ${label}`,
      [...renewals(4, 45), ...renewals(4, 45, { [label]: value })],
      [1200, slow(), slow({ [label]: value })],
    ),
  ),
]

/** A counter that grows once is told, for each of its labels, and not for longer than it should be. */
const once = (
  name: Parameters<Exporter['series']>[0],
  usual: Labels,
  by: Labels,
  alert: string,
  keep: number,
): Scenario[] => {
  const grows = (labels: Labels) => tellerOf(labels).series(name, { ...usual, ...labels }, (t) => (t < 120 ? 0 : 1))
  const stays = (labels: Labels) => exporter.series(name, { ...usual, ...labels }, 5)
  const firing = (labels: Labels = {}) => warning(alert, { ...usual, ...labels })
  const end = 120 + 15 * minute
  return [
    scenario(
      `${alert} is told at once, and ends`,
      [grows({})],
      [105],
      [120, firing()],
      [end + keep - 30, firing()],
      [end + keep],
    ),
    scenario(`${alert} is not told where all is well`, [stays({})], [600]),
    ...Object.entries(by).flatMap(([label, value]) => [
      scenario(
        `${alert} is told for each ${label}`,
        [grows({}), grows({ [label]: value })],
        [120, firing(), firing({ [label]: value })],
      ),
    ]),
  ]
}

const checkpoint = (at: (t: number) => number, by = exporter) =>
  by.series('svidwatch_checkpoint_failures_total', {}, at)
const failing = (labels: Labels = {}) => warning('SvidwatchCheckpointFailing', labels)
const checkpoints: readonly Scenario[] = [
  scenario(
    'a commit that fails again and again',
    [checkpoint(counting(1, 120, 1200))],
    [1065],
    [1095, failing()],
    [2355, failing()],
    [2400],
  ),
  {
    ...scenario(
      'a commit that fails now and then',
      [checkpoint((t) => Math.floor((t + 720) / 840))],
      [1005],
      [1035, failing()],
    ),
    says: [
      {
        at: 1035,
        firing: failing(),
        summary: 'svidwatch cannot commit its totals',
        description:
          'In the last 15 min, svidwatch has failed once to commit its totals. Its counters stand still until it succeeds, and a restart may lose what was not committed.',
      },
    ],
  },
  scenario('a commit that fails once', [checkpoint((t) => (t < 120 ? 0 : 1))], [1020], [1200]),
  scenario(
    'commits that fail in two clusters',
    [checkpoint(counting(1)), checkpoint(counting(1), east)],
    [1200, failing(), failing({ cluster: 'east' })],
  ),
]

export const rates: readonly Scenario[] = [
  ...spikes,
  ...latencies,
  ...once('spiffe_identity_annotation_mismatches_total', ofIssuer, others, 'SPIFFEIdentityMismatch', 5 * minute + 30),
  ...once(
    'svidwatch_collector_errors_total',
    { family: 'spiffe_svids' },
    { cluster: 'east', family: 'spiffe_bundle_up' },
    'SvidwatchCollectorFailing',
    5 * minute,
  ),
  ...checkpoints,
]
