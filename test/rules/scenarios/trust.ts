import type { DiagnosisCode } from '../../../src/diagnosis/codes.ts'
import type { Firing, Sample, Scenario, Series } from '../scenario.ts'
import { critical, Exporter, minute, warning } from '../world.ts'
import { courses, type Course } from './generic.ts'

type Labels = Readonly<Record<string, string>>

const teller = new Exporter()
const second = new Exporter({ instance: 'b:9797' })
const domain = 'example.org'
/** When each problem begins. */
const start = 120

const problem =
  (code: DiagnosisCode) =>
  (labels: Labels, at: (t: number) => Sample): Series[] => [teller.problem(code, labels, at)]
const untrusted = (labels: Labels = {}): Firing =>
  critical('SPIFFEAuthorityUntrusted', { trust_domain: domain, ...labels })
const skewed = (labels: Labels = {}): Firing => warning('TrustBundleSkew', { trust_domain: domain, ...labels })
const unsynced = (labels: Labels = {}): Firing =>
  warning('TrustBundleNotSynced', { bundle: 'Bundle/example.org', ...labels })

const clusters = ['', 'east'] as const
const domains = [domain, 'other.example'] as const

const begins: readonly Course[] = [
  {
    name: 'an authority that is not trusted',
    always: teller.self(),
    told: problem('authority_untrusted'),
    trouble: start,
    calm: 'stale',
    firing: (labels) => critical('SPIFFEAuthorityUntrusted', labels),
    for: 30,
    keep: 5 * minute,
    by: { cluster: clusters, trust_domain: domains },
  },
  {
    name: 'copies of a trust bundle that differ',
    always: teller.self(),
    told: problem('bundle_skew'),
    trouble: start,
    calm: 'stale',
    firing: (labels) => warning('TrustBundleSkew', labels),
    for: 0,
    keep: 20 * minute,
    by: { cluster: clusters, trust_domain: domains, bundle: ['', 'peers'] },
  },
  {
    name: 'a trust bundle that is not synced',
    always: teller.self(),
    told: problem('bundle_unsynced'),
    trouble: start,
    calm: 'stale',
    firing: (labels) => warning('TrustBundleNotSynced', labels),
    for: 5 * minute,
    keep: 5 * minute,
    by: { cluster: clusters, bundle: ['Bundle/example.org', 'ClusterBundle/example.org'] },
  },
]

const from =
  (at: number, to = Infinity) =>
  (t: number): Sample =>
    t >= at && t < to ? start : 'stale'

/** What each alert is about, the code that it reads, how long it waits, and how long a gap it bears. */
const alerts = [
  { code: 'authority_untrusted', of: { trust_domain: domain }, firing: untrusted(), waits: 30, bears: 4 * minute },
  { code: 'bundle_skew', of: { trust_domain: domain }, firing: skewed(), waits: 0, bears: 19 * minute },
  {
    code: 'bundle_unsynced',
    of: { bundle: 'Bundle/example.org' },
    firing: unsynced(),
    waits: 5 * minute,
    bears: 4 * minute,
  },
] as const

/** One trouble is one alert, whoever tells of it, and whatever else becomes of it. */
const once: readonly Scenario[] = alerts.flatMap(({ code, of, firing, waits, bears }): Scenario[] => {
  const firesAt = start + waits
  const end = firesAt + 300
  return [
    {
      name: `${code}: two svidwatch tell of it with other reasons, and one of them is replaced`,
      series: [
        ...teller.self(),
        teller.problem(code, { ...of, reason: 'one' }, from(start, end)),
        second.problem(code, { ...of, reason: 'other' }, from(start + 45)),
        new Exporter({ instance: 'c:9797', job: 'another' }).problem(code, of, from(end)),
      ],
      moments: [[firesAt - 15], [firesAt, firing], [end, firing], [end + 900, firing]],
    },
    {
      name: `${code}: its reason, and what explains it, change while it waits, and later`,
      series: [
        ...teller.self(),
        teller.problem(code, { ...of, reason: 'one' }, from(start, start + 15)),
        teller.problem(code, { ...of, reason: 'other' }, from(start + 15, end)),
        teller.problem(code, { ...of, reason: 'other', explained_by: 'source_blind' }, from(end)),
      ],
      moments: [[firesAt - 15], [firesAt, firing], [end, firing], [end + 900, firing]],
    },
    {
      name: `${code}: svidwatch is restarted, and tells of it again ${bears / minute} min later`,
      series: [
        ...teller.self(),
        teller.problem(code, of, (t) => (t < start || (t >= end && t < end + bears) ? 'stale' : start)),
      ],
      moments: [
        [end - 15, firing],
        [end + bears - 15, firing],
        [end + bears, firing],
        [end + bears + 900, firing],
      ],
    },
    {
      name: `${code}: it ends, and begins again after an hour`,
      series: [...teller.self(), teller.problem(code, of, (t) => (t < 3600 ? from(start, end)(t) : 3600))],
      moments: [[end + 1200], [3600 + waits - 15], [3600 + waits, firing]],
    },
  ]
})

/** What two svidwatch tell of the trust domain: `b` has seen less. */
function figures(by: Exporter, other: Exporter, labels: Labels = {}): readonly Series[] {
  const of = { trust_domain: domain, ...labels }
  const holders = (authority: string, holder: string, trusting: number, not: number, teller = by) => [
    teller.series('spiffe_authority_holders', { ...of, authority, holder, trusting: 'true' }, trusting),
    teller.series('spiffe_authority_holders', { ...of, authority, holder, trusting: 'false' }, not),
  ]
  return [
    ...holders('aa11', 'volume', 100, 0),
    ...holders('aa11', 'node', 4, 0),
    ...holders('aa11', 'namespace', 0, 0),
    ...holders('bb22', 'volume', 25, 75),
    ...holders('bb22', 'volume', 20, 70, other),
    ...holders('bb22', 'node', 3, 1),
    ...holders('bb22', 'namespace', 0, 0),
    by.series('spiffe_authority_signing', { ...of, authority: 'aa11' }, 0),
    by.series('spiffe_authority_signing', { ...of, authority: 'bb22' }, 1),
    by.series('spiffe_authority_refused_pairs', { ...of, authority: 'aa11' }, 0),
    by.series('spiffe_authority_refused_pairs', { ...of, authority: 'bb22' }, 750),
    other.series('spiffe_authority_refused_pairs', { ...of, authority: 'bb22' }, 700),
  ]
}

const longDomain = `${'a'.repeat(240)}.example.org`

/** How the page begins, of some trust domain. */
const page = (trustDomain: string, where = '') => ({
  summary: `Workloads of ${trustDomain}${where} refuse each other: trust bundles lack an authority that has signed SVIDs`,
  begins: `Trust bundles that are in use in ${trustDomain}${where} have lacked an authority that has signed SVIDs since 1970-01-01 00:02:00 +0000 UTC, so connections fail.`,
})
const early =
  ' signs_too_early: an authority signs before the trust bundles have it. Bring it into the trust bundles, or let the issuer sign with the one before.'
const lost =
  ' removed_too_early: the trust bundles have lost an authority whose SVIDs are in use. Put it back until the last of them has been renewed.'
const shares =
  ' Pairs of an SVID and a volume that refuses it: 750 of authority bb22. The authority that signs now is trusted by 25% of the volumes, 75% of the nodes.'
const restartNothing = ' Restart no pods before all trust bundles have the authority that signs now.'

/** A cluster whose name would end a string in a query, if it could. */
const quoted = 'ea"st\\`1'

const told = (
  name: string,
  by: Exporter,
  labels: Labels,
  reasons: readonly string[],
  more: readonly Series[],
  text: { readonly summary: string; readonly description: string },
): Scenario => {
  const firing = untrusted(labels)
  return {
    name: `what is told of an authority that is not trusted: ${name}`,
    series: [
      ...by.self(),
      ...reasons.map((reason) =>
        by.problem('authority_untrusted', { trust_domain: domain, ...labels, reason }, from(start)),
      ),
      ...more,
    ],
    moments: [[300, firing]],
    says: [{ at: 300, firing, ...text }],
  }
}

const east = new Exporter({ cluster: quoted, instance: 'east:9797' })

const texts: readonly Scenario[] = [
  told('its figures, as the svidwatch says that knows most', teller, {}, ['signs_too_early'], figures(teller, second), {
    summary: page(domain).summary,
    description: `${page(domain).begins}${early}${shares}${restartNothing}`,
  }),
  told(
    'two reasons, beside another cluster and another trust domain',
    teller,
    {},
    ['removed_too_early', 'signs_too_early'],
    [
      ...figures(teller, second),
      teller.series('spiffe_authority_signing', { trust_domain: 'other.example', authority: 'aa11' }, 1),
      teller.series('spiffe_authority_refused_pairs', { trust_domain: 'other.example', authority: 'cc33' }, 5),
      ...['spiffe_authority_refused_pairs', 'spiffe_authority_signing'].map((name) =>
        east.series(name as 'spiffe_authority_signing', { trust_domain: domain, authority: 'aa11' }, 1),
      ),
    ],
    { summary: page(domain).summary, description: `${page(domain).begins}${early}${lost}${shares}${restartNothing}` },
  ),
  told(
    'of several authorities that sign, the smallest share counts',
    teller,
    {},
    ['signs_too_early'],
    [
      ...figures(teller, second),
      second.series('spiffe_authority_signing', { trust_domain: domain, authority: 'aa11' }, 1),
    ],
    { summary: page(domain).summary, description: `${page(domain).begins}${early}${shares}${restartNothing}` },
  ),
  told('without figures, and with a reason that is not known', teller, {}, ['another'], [], {
    summary: page(domain).summary,
    description: `${page(domain).begins}${restartNothing}`,
  }),
  told(
    'a trust domain with a long name',
    teller,
    { trust_domain: longDomain },
    ['removed_too_early'],
    figures(teller, second, { trust_domain: longDomain }),
    {
      summary: page(longDomain).summary,
      description: `${page(longDomain).begins}${lost}${shares}${restartNothing}`,
    },
  ),
  told('a cluster with quotes in its name', east, { cluster: quoted }, ['signs_too_early'], figures(east, second), {
    summary: page(domain, ` in ${quoted}`).summary,
    description: `${page(domain, ` in ${quoted}`).begins}${early}${shares}${restartNothing}`,
  }),
]

const differ = ' Once an authority signs that some of the copies lack, those who use them refuse its SVIDs.'
const copiesOf = (bundle: string, state: string, count: number, by = teller): Series =>
  by.series('spiffe_trust_bundle_copies', { bundle, state }, count)

/** What is told of one problem of copies. */
const toldOfCopies = (
  labels: Labels,
  reason: string,
  more: readonly Series[],
  text: { readonly summary: string; readonly description: string },
): Scenario => {
  const firing = warning('TrustBundleSkew', labels)
  return {
    name: `what is told of copies that differ: ${reason}, by ${Object.keys(labels).join(' and ')}`,
    series: [...teller.self(), teller.problem('bundle_skew', { ...labels, reason }, from(start)), ...more],
    moments: [[300, firing]],
    says: [{ at: 300, firing, ...text }],
  }
}

const ofCopies: readonly Scenario[] = [
  toldOfCopies(
    { bundle: 'spiffe-ca', trust_domain: domain },
    'namespaces',
    [
      copiesOf('spiffe-ca', 'current', 40),
      copiesOf('spiffe-ca', 'different', 2),
      copiesOf('spiffe-ca', 'different', 3, second),
      copiesOf('spiffe-ca', 'unreadable', 1),
      copiesOf('other', 'different', 9),
    ],
    {
      summary: 'Copies of the trust bundle spiffe-ca differ',
      description: `Copies of the trust bundle spiffe-ca, which is of example.org, have differed since 1970-01-01 00:02:00 +0000 UTC. namespaces: ConfigMaps of this name have different certificates, or cannot be read. Copies that are not as most are: 3 different, 1 unreadable.${differ}`,
    },
  ),
  toldOfCopies({ bundle: 'spiffe-ca' }, 'namespaces', [copiesOf('spiffe-ca', 'unreadable', 0)], {
    summary: 'Copies of the trust bundle spiffe-ca differ',
    description: `Copies of the trust bundle spiffe-ca have differed since 1970-01-01 00:02:00 +0000 UTC. namespaces: ConfigMaps of this name have different certificates, or cannot be read.${differ}`,
  }),
  toldOfCopies({ trust_domain: domain, cluster: 'east' }, 'nodes', [], {
    summary: 'Trust bundles of example.org differ in east',
    description: `Trust bundles of example.org have differed since 1970-01-01 00:02:00 +0000 UTC in east. nodes: the volumes of some nodes have another trust bundle than those of most nodes.${differ}`,
  }),
  toldOfCopies({ bundle: 'partner-ca', trust_domain: 'partner.example' }, 'federation', [], {
    summary: 'Copies of the trust bundle partner-ca differ',
    description: `Copies of the trust bundle partner-ca, which is of partner.example, have differed since 1970-01-01 00:02:00 +0000 UTC. federation: ConfigMaps of this name lack an authority that the bundle endpoint of the trust domain serves.${differ}`,
  }),
]

const ofObjects: readonly Scenario[] = [
  {
    name: 'what is told of a trust bundle that is not synced',
    series: [
      ...teller.self(),
      ...[teller, second].map((by) =>
        by.problem('bundle_unsynced', { bundle: 'Bundle/example.org', reason: 'source_not_found' }, from(start)),
      ),
    ],
    moments: [[600, unsynced()]],
    says: [
      {
        at: 600,
        firing: unsynced(),
        summary: 'trust-manager does not sync Bundle/example.org',
        description:
          'trust-manager has not brought Bundle/example.org to its targets since 1970-01-01 00:02:00 +0000 UTC. Reason: source_not_found. A new authority does not reach workloads, and a new namespace has no trust bundle. Rotate no CA meanwhile.',
      },
    ],
  },
]

/** None of them fires for the problems of the others, or of other trust domains. */
const others: Scenario = {
  name: 'other problems of a trust domain are told by their own alerts',
  series: [
    ...teller.self(),
    teller.problem('bundle_unreachable', { trust_domain: domain }, from(start)),
    teller.problem('issuer_slow', { trust_domain: domain, issuer: 'ClusterIssuer/ca' }, from(start)),
    teller.problem('peer_refuses', { trust_domain: domain, muted: 'true' }, from(start)),
  ],
  moments: [[600]],
}

/** Who trusts whom. */
export const trust: readonly Scenario[] = [
  ...begins.flatMap(courses),
  ...once,
  ...texts,
  ...ofCopies,
  ...ofObjects,
  others,
]
