import type { HolderKind } from '../../src/ledger/trust/view.ts'
import type { Query, Row, Stat } from './panel.ts'
import {
  countOf,
  greatestAtEnd,
  inCluster,
  inDomain,
  judges,
  orNote,
  orZero,
  problems,
  sees,
  smallestAtEnd,
} from './promql.ts'
import { alarmAboveNone, warnAboveNone } from './thresholds.ts'

/** Objects of trust-manager are seen where its CRDs are installed. */
const seesBundleObjects = sees('trustManagerBundles', 'trustManagerClusterBundles')

const byDomain = 'cluster, trust_domain'
const byAuthority = `${byDomain}, authority`

/** What svidwatch tells of each authority. Two svidwatch may tell of the same one. */
const told = (metric: string): string => `max by (${byAuthority}) (${metric}{${inDomain}})`
const pairs = told('spiffe_authority_refused_pairs')
const svids = told('spiffe_authority_svids')
const signs = told('spiffe_authority_signing')

const holders = (of: string, where: string): string =>
  `max by (${byAuthority}, ${of}) (spiffe_authority_holders{${where}, ${inDomain}})`

/** The share of the holders of one kind that trust each authority; no value where there are none of that kind. */
const share = (holder: HolderKind): string => {
  const trusting = `max by (${byAuthority}) (spiffe_authority_holders{holder="${holder}", trusting="true", ${inDomain}})`
  const all = `sum by (${byAuthority}) (${holders('trusting', `holder="${holder}"`)})`
  return `${trusting} / (${all} > 0)`
}

/** The same for what signs; of several authorities of a trust domain, the smallest share. */
const shareOfSigning = (holder: HolderKind): string => `(${share(holder)} and on (${byAuthority}) (${signs} == 1))`

/** What may be done with an authority, and what must not. */
const verdicts = {
  0: ['its SVIDs are refused', 'red'],
  1: ['must not sign yet', 'yellow'],
  2: ['must stay', 'blue'],
  3: ['signs', 'green'],
  4: ['may sign, or go', 'text'],
} as const

/** The verdict on each authority, the worst first. */
const verdict = [
  `0 * (${pairs} > 0)`,
  `1 + 0 * group by (${byAuthority}) (${holders('holder', 'trusting="false"')} > 0)`,
  `2 + 0 * (${svids} > 0 and on (${byAuthority}) ${signs} == 0)`,
  `3 + 0 * (${signs} == 1)`,
  `4 + 0 * ${signs}`,
].join(' or ')

const mayGoOn: Stat = {
  kind: 'stat',
  title: 'May I go on?',
  description:
    'Whether the next step of a rotation may be taken (docs/ca-rotation.md). "No": workloads refuse each other. "Wait for the bundles": volumes, nodes or namespaces do not have all authorities. "Wait for renewals": SVIDs of an authority that signs no more are in use, so it must stay in the bundles.',
  width: 7,
  runbooks: ['SPIFFEAuthorityUntrusted'],
  queries: [
    {
      legend: 'next step',
      states: {
        0: ['no, SVIDs are refused', 'red'],
        1: ['wait for the bundles', 'yellow'],
        2: ['wait for renewals', 'yellow'],
        3: ['yes', 'green'],
        4: ['yes', 'green'],
      },
      expr: `min(${verdict})`,
    },
  ],
}

const refusedPairs: Stat = {
  kind: 'stat',
  title: 'Refused pairs',
  description:
    'Pairs of an SVID and a volume whose trust bundle lacks the authority of that SVID: connections between them fail. Bring the authority into the bundles, and restart no pods before.',
  width: 4,
  decimals: 0,
  thresholds: alarmAboveNone,
  runbooks: ['SPIFFEAuthorityUntrusted', 'SVIDRefusedByPeers'],
  queries: [{ legend: 'pairs', expr: `sum(${pairs})` }],
}

const trustInSigning: Stat = {
  kind: 'stat',
  title: 'Trust what signs',
  description:
    'The share of volumes, nodes and namespaces whose trust bundles have the authority that signs now. Below 100 %, some refuse every SVID that is renewed. Namespaces count by the ConfigMaps that trustBundles.names lists.',
  width: 8,
  unit: 'percentunit',
  decimals: 1,
  thresholds: { base: 'red', from: [[1, 'green']] },
  runbooks: ['SPIFFEAuthorityUntrusted'],
  queries: (['volume', 'node', 'namespace'] as const).map((holder): Query => ({
    legend: `${holder}s`,
    expr: `min(${shareOfSigning(holder)})`,
  })),
}

const distribution: Stat = {
  kind: 'stat',
  title: 'Trust bundles',
  description:
    'Trust bundles whose copies differ for longer than their distribution takes, and those that trust-manager cannot bring to their targets.',
  width: 5,
  thresholds: warnAboveNone,
  runbooks: ['TrustBundleSkew', 'TrustBundleNotSynced'],
  queries: [
    {
      legend: 'differ',
      expr: orZero(countOf(problems(['bundle_skew'], inDomain), 'cluster, trust_domain, bundle'), judges),
    },
    {
      legend: 'not synced',
      expr: orZero(countOf(problems(['bundle_unsynced'], inCluster), 'cluster, bundle'), seesBundleObjects),
    },
  ],
}

/** The value for fifty authorities, those first with which most is wrong, by the first characters of their key ids. */
const ofFifty = (value: string): string =>
  `label_replace(${value} and on (${byAuthority}) bottomk(50, ${verdict}), "key", "$1", "authority", "(.{1,12}).*")`

const shareColumn = (legend: string, holder: HolderKind): Query => ({
  legend,
  width: 95,
  unit: 'percentunit',
  decimals: 1,
  expr: ofFifty(`(${share(holder)})`),
})

const copiesIn = (state: 'current' | 'different' | 'unreadable'): string =>
  `max by (cluster, bundle) (spiffe_trust_bundle_copies{state="${state}", ${inCluster}})`

/** The value for fifty names of trust bundles, those first of which most copies differ. */
const ofFiftyBundles = (value: string): string =>
  `${value} and on (cluster, bundle) topk(50, ${copiesIn('different')} + ${copiesIn('unreadable')})`

/** How far a rotation of a CA is: which authorities there are, who trusts them, and what may be done next. */
export const trustRow: Row = {
  title: 'CA rotation',
  panels: [
    mayGoOn,
    refusedPairs,
    trustInSigning,
    distribution,
    {
      kind: 'table',
      title: 'Authorities',
      description:
        'Fifty X.509 authorities, by the first characters of their key ids. "Must not sign yet": not all trust bundles have it. "Must stay": it signs no more, and its SVIDs are in use. "May sign, or go": all trust bundles have it, and no SVID needs it. The columns of volumes, nodes and namespaces are the shares that trust it.',
      width: 24,
      height: 7,
      columns: { cluster: 'Cluster', trust_domain: 'Trust domain', key: 'Key id' },
      sortBy: 'Next step',
      ascending: true,
      runbooks: ['SPIFFEAuthorityUntrusted'],
      queries: [
        { legend: 'Next step', width: 170, states: verdicts, expr: ofFifty(`(${verdict})`) },
        { legend: 'SVIDs', width: 75, expr: ofFifty(svids) },
        { legend: 'Refused pairs', width: 110, thresholds: alarmAboveNone, expr: ofFifty(pairs) },
        shareColumn('Volumes', 'volume'),
        shareColumn('Nodes', 'node'),
        shareColumn('Namespaces', 'namespace'),
        {
          legend: 'Expires in',
          unit: 's',
          decimals: 1,
          width: 100,
          expr: ofFifty(`(${told('spiffe_authority_not_after_timestamp_seconds')} - time())`),
        },
      ],
    },
    {
      kind: 'graph',
      title: 'Refused pairs',
      description:
        'Pairs of an SVID and a volume that refuses it, by trust domain: the ten with the most now. A rotation in the right order has none at any time.',
      width: 12,
      decimals: 0,
      min: 0,
      shades: 'orange',
      runbooks: ['SPIFFEAuthorityUntrusted'],
      queries: [{ legend: '{{cluster}} {{trust_domain}}', expr: greatestAtEnd(10, `sum by (${byDomain}) (${pairs})`) }],
    },
    {
      kind: 'graph',
      title: 'Volumes that trust what signs',
      description:
        'The share of volumes whose trust bundle has the authority that signs, by trust domain: the ten with the smallest share now. It should be 100 % at any time: a new authority has to be trusted before it signs.',
      width: 12,
      unit: 'percentunit',
      min: 0,
      max: 1,
      shades: 'blue',
      runbooks: ['SPIFFEAuthorityUntrusted'],
      queries: [
        {
          legend: '{{cluster}} {{trust_domain}}',
          expr: smallestAtEnd(10, `min by (${byDomain}) ${shareOfSigning('volume')}`),
        },
      ],
    },
    {
      kind: 'table',
      title: 'Copies of trust bundles',
      description:
        'ConfigMaps that trustBundles.names lists, by name: how many have the certificates that most have, how many have others, and how many cannot be read. Fifty names, those with most that differ first.',
      width: 14,
      columns: { cluster: 'Cluster', bundle: 'Bundle' },
      sortBy: 'Different',
      runbooks: ['TrustBundleSkew'],
      queries: [
        { legend: 'Different', width: 90, thresholds: warnAboveNone, expr: ofFiftyBundles(copiesIn('different')) },
        { legend: 'Unreadable', width: 95, thresholds: warnAboveNone, expr: ofFiftyBundles(copiesIn('unreadable')) },
        { legend: 'As most', width: 85, expr: ofFiftyBundles(copiesIn('current')) },
        {
          legend: 'First CA expires in',
          unit: 's',
          decimals: 1,
          width: 140,
          expr: ofFiftyBundles(
            `(min by (cluster, bundle) (spiffe_trust_bundle_first_not_after_timestamp_seconds{${inCluster}}) - time())`,
          ),
        },
      ],
    },
    {
      kind: 'table',
      title: 'Objects of trust-manager',
      description:
        'Bundles and ClusterBundles, and whether trust-manager says that it has brought them to their targets: fifty, those that are not synced first.',
      width: 10,
      columns: { cluster: 'Cluster', bundle: 'Object' },
      sortBy: 'Synced',
      ascending: true,
      runbooks: ['TrustBundleNotSynced'],
      queries: [
        {
          legend: 'Synced',
          width: 90,
          states: { 0: ['no', 'red'], 1: ['yes', 'green'] },
          expr: orNote(
            `bottomk(50, min by (cluster, bundle) (spiffe_trust_bundle_synced{${inCluster}}))`,
            'there are no objects',
            seesBundleObjects,
          ),
        },
      ],
    },
  ],
}
