import { lasting, problems, since } from './problems.ts'
import { promql, type AlertingRule, type RuleGroup } from './rule.ts'

const trustDomain = 'cluster, trust_domain'

const inCluster = '{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }}'
const sinceThen = 'since {{ $value | humanizeTimestamp }}'

/** The series of the trust domain of an alert: matchers for a format with its cluster and its trust domain. */
const ofDomain = 'cluster=%[1]q,trust_domain=%[2]q'
const ofDomainOf = '$labels.cluster $labels.trust_domain'

/** Names the authorities whose SVIDs most pairs refuse. */
const refusedBy = `{{ with printf \`sort_desc(topk(3, max by (authority) (spiffe_authority_refused_pairs{${ofDomain}}) > 0))\` ${ofDomainOf} | query }} Pairs of an SVID and a volume that refuses it: {{ range $index, $one := . }}{{ if $index }}, {{ end }}{{ $one.Value }} of authority {{ $one.Labels.authority }}{{ end }}.{{ end }}`

/** Returns the share of the holders of one kind that trust what signs; of several authorities that sign, the smallest share. */
const shareOf = (holder: 'volume' | 'node' | 'namespace'): string => {
  const held = (matchers: string) => `spiffe_authority_holders{${ofDomain},holder="${holder}"${matchers}}`
  const trusting = `max by (authority) (${held(',trusting="true"')})`
  const total = `sum by (authority) (max by (authority, trusting) (${held('')}))`
  const signing = `(spiffe_authority_signing{${ofDomain}} == 1)`
  return `min(${trusting} / (${total} > 0) and on (authority) ${signing})`
}

const ofThe = (holder: 'volume' | 'node' | 'namespace', before: string, after = ''): string =>
  `{{ with printf \`${shareOf(holder)}\` ${ofDomainOf} | query }}${before} {{ . | first | value | humanizePercentage }} of the ${holder}s${after}{{ end }}`

/** Says who trusts what signs. Whoever has nodes or namespaces has volumes. */
const shares = ofThe(
  'volume',
  ' The authority that signs now is trusted by',
  `${ofThe('node', ',')}${ofThe('namespace', ',')}.`,
)

/** Says something for each reason that the problems of an alert have; `labels` are those that name it. */
const byReason = (
  code: 'authority_untrusted' | 'bundle_skew',
  labels: readonly string[],
  texts: Readonly<Record<string, string>>,
): string => {
  const matchers = labels.map((label) => `${label}=%q`).join(',')
  const values = labels.map((label) => `$labels.${label}`).join(' ')
  const said = ([reason, text]: readonly [string, string]) =>
    `{{ with printf \`${since}{code="${code}",reason="${reason}",${matchers}}\` ${values} | query }} ${text}{{ end }}`
  return Object.entries(texts).map(said).join('')
}

const untrusted: AlertingRule = {
  alert: 'SPIFFEAuthorityUntrusted',
  severity: 'critical',
  expr: `min by (${trustDomain}) (${problems('authority_untrusted')})`,
  for: lasting('authority_untrusted'),
  keepFiringFor: '5m',
  summary: `Workloads of {{ $labels.trust_domain }}${inCluster} refuse each other: trust bundles lack an authority that has signed SVIDs`,
  description: `Trust bundles that are in use in {{ $labels.trust_domain }}${inCluster} have lacked an authority that has signed SVIDs ${sinceThen}, so connections fail.${byReason(
    'authority_untrusted',
    ['cluster', 'trust_domain'],
    {
      signs_too_early:
        'signs_too_early: an authority signs before the trust bundles have it. Bring it into the trust bundles, or let the issuer sign with the one before.',
      removed_too_early:
        'removed_too_early: the trust bundles have lost an authority whose SVIDs are in use. Put it back until the last of them has been renewed.',
    },
  )}${refusedBy}${shares} Restart no pods before all trust bundles have the authority that signs now.`,
  meaning: 'An authority has signed SVIDs that are in use, and trust bundles that workloads use do not have it.',
  reason:
    'svidwatch itself waits for some seconds, and for two pods at least. 30 s are two evaluations of the rules: a bundle and an SVID that are exchanged together do not verify for a moment. A rotation in the right order is silent all the time, and after a wrong one, the connections of a whole trust domain fail. One alert speaks for all of them, however the reason changes meanwhile: SVIDRefusedByPeers is silent about the refused SVIDs that it explains.',
  labels: ['cluster', 'trust_domain'],
}

const copies = ['cluster', 'trust_domain', 'bundle']

const copiesByState = `{{ with printf \`sort_desc(max by (state) (spiffe_trust_bundle_copies{cluster=%q,bundle=%q,state!="current"}) > 0)\` $labels.cluster $labels.bundle | query }} Copies that are not as most are: {{ range $index, $one := . }}{{ if $index }}, {{ end }}{{ $one.Value }} {{ $one.Labels.state }}{{ end }}.{{ end }}`

const skew: AlertingRule = {
  alert: 'TrustBundleSkew',
  severity: 'warning',
  expr: `min by (${copies.join(', ')}) (${problems('bundle_skew')})`,
  keepFiringFor: '20m',
  summary: `{{ if $labels.bundle }}Copies of the trust bundle {{ $labels.bundle }}{{ else }}Trust bundles of {{ $labels.trust_domain }}{{ end }} differ${inCluster}`,
  description: `{{ if $labels.bundle }}Copies of the trust bundle {{ $labels.bundle }}{{ if $labels.trust_domain }}, which is of {{ $labels.trust_domain }},{{ end }}{{ else }}Trust bundles of {{ $labels.trust_domain }}{{ end }} have differed ${sinceThen}${inCluster}.${byReason(
    'bundle_skew',
    copies,
    {
      namespaces: 'namespaces: ConfigMaps of this name have different certificates, or cannot be read.',
      nodes: 'nodes: the volumes of some nodes have another trust bundle than those of most nodes.',
      federation:
        'federation: ConfigMaps of this name lack an authority that the bundle endpoint of the trust domain serves.',
    },
  )}{{ if $labels.bundle }}${copiesByState}{{ end }} Once an authority signs that some of the copies lack, those who use them refuse its SVIDs.`,
  meaning: 'Copies of one trust bundle differ for longer than their distribution takes.',
  reason:
    'svidwatch itself waits for as long as a distribution takes, and longer while one copy only has more authorities than another. A restarted svidwatch waits anew, for 15 min at most, so the alert goes on for 20 min. Nobody is woken: as long as no SVID is refused, there is time.',
  labels: copies,
}

const notSynced: AlertingRule = {
  alert: 'TrustBundleNotSynced',
  severity: 'warning',
  expr: promql`
    min by (cluster, bundle) (${problems('bundle_unsynced')})
  `,
  for: lasting('bundle_unsynced'),
  keepFiringFor: '5m',
  summary: `trust-manager does not sync {{ $labels.bundle }}${inCluster}`,
  description: `trust-manager has not brought {{ $labels.bundle }} to its targets ${sinceThen}${inCluster}.{{ with printf \`group by (reason) (${since}{code="bundle_unsynced",cluster=%q,bundle=%q})\` $labels.cluster $labels.bundle | query }} Reason: {{ range $index, $one := . }}{{ if $index }}, {{ end }}{{ $one.Labels.reason }}{{ end }}.{{ end }} A new authority does not reach workloads, and a new namespace has no trust bundle. Rotate no CA meanwhile.`,
  meaning: 'trust-manager says that it cannot bring a trust bundle to its targets.',
  reason: 'trust-manager tries again within seconds, so that a failure of 5 min is none of a moment.',
  labels: ['cluster', 'bundle'],
}

/** Who trusts whom: the authorities of a trust domain, and the copies of its trust bundle. */
export const trust: RuleGroup = { name: 'svidwatch-trust', rules: [untrusted, skew, notSynced] }
