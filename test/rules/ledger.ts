import type {
  IdentityMismatchView,
  IssuerView,
  RecentRenewalsView,
  RequestCount,
} from '../../src/ledger/issuance/view.ts'
import type { BundleView } from '../../src/ledger/bundles/view.ts'
import type { LedgerView } from '../../src/ledger/view.ts'
import { noFacts, type SvidFacts } from '../../src/ledger/workloads/compared/facts.ts'
import type { CopyFacts } from '../../src/ledger/workloads/compared/copyFacts.ts'
import type { SvidLabels } from '../../src/ledger/workloads/view.ts'
import { bundleView, fakeLedger, nodeRoleView } from '../support/fakeLedger.ts'
import type { Exposition } from './exposition.ts'
import type { Series } from './scenario.ts'
import type { Svidwatch } from './judged.ts'

type Labels = Series['labels']

/** So long after the last evidence a node role is given up. Until then its files are known. */
const silenceMs = 15_000

/** Returns a ledger that knows what a svidwatch exports, at the time of the exposition. */
export function ledgerOf(exposition: Exposition, svidwatch: Svidwatch): LedgerView {
  return {
    ...fakeLedger(),
    facts: () => factsOf(exposition, svidwatch),
    issuers: () => issuersOf(exposition, svidwatch),
    requestCounts: () => requestCountsOf(exposition),
    recentRenewals: () => recentRenewalsOf(exposition),
    identityMismatches: () => mismatchesOf(exposition, svidwatch),
    bundles: () => bundlesOf(exposition),
    agents: () =>
      exposition
        .samples('spire_agent_up')
        .map(({ labels: { node = '', agent = '' }, value }) => ({ node, agent, up: value === 1 })),
    nodeRoles: () =>
      exposition.samples('svidwatch_node_up').map(({ labels: { node = '' }, value }) =>
        nodeRoleView({
          node,
          up: value === 1,
          trouble: { reason: 'unreachable', detail: '', sinceMs: 0 },
          lostMs: 0,
        }),
      ),
  }
}

/**
 * The SVIDs: the copies in one place are of one SVID, unless there are two of the same copy. Nothing that is exported says whether a
 * server may still present an older SVID, so the scenarios themselves tell what is wrong with served copies.
 */
function factsOf(exposition: Exposition, svidwatch: Svidwatch): readonly SvidFacts[] {
  const svids: { readonly key: string; readonly copies: Map<string, CopyFacts> }[] = []
  for (const { labels, value } of exposition.samples('spiffe_svid_renewal_due_timestamp_seconds')) {
    const { copy = '' } = labels
    if (copy === 'served') continue
    const place = placeOf(labels)
    const others = svids.filter(({ key }) => key.startsWith(`${place} `))
    const svid = others.find(({ copies }) => !copies.has(copy)) ?? {
      key: `${place} ${others.length}`,
      copies: new Map(),
    }
    svid.copies.set(copy, copyFacts(labels, value, exposition, svidwatch))
    if (!others.includes(svid)) svids.push(svid)
  }
  return svids.map(({ key, copies }) => svidFacts(key, copies, exposition, svidwatch))
}

/** Two pods that have the same name on two nodes, one after the other, are two. */
const placeOf = ({ namespace, pod, volume, file, node, spiffe_id, trust_domain }: Labels): string =>
  JSON.stringify([namespace, pod, volume, file, node, spiffe_id, trust_domain])

function svidFacts(
  key: string,
  copies: ReadonlyMap<string, CopyFacts>,
  exposition: Exposition,
  { requestsKnown, mutedNamespace }: Svidwatch,
): SvidFacts {
  const [issued, mounted] = [copies.get('issued'), copies.get('mounted')]
  const labels = (mounted ?? issued)?.labels
  if (labels === undefined) throw new Error(`the scenario has an SVID without a copy: ${key}`)
  const { namespace, pod, volume, file } = labels
  const staleS = exposition.since('spiffe_svid_drift', { namespace, pod, volume, file, cause: 'mount_stale' })
  const issuedMs = staleS === undefined ? issued?.svid.notBeforeMs : staleS * 1000
  const requestsS = requestsKnown(exposition.t)
  return {
    ...noFacts,
    ...{ key, labels, issued, mounted, problem: undefined },
    staleSinceMs: staleS === undefined ? undefined : issuedMs,
    drifts: staleS === undefined ? [] : [{ cause: 'mount_stale', sinceMs: issuedMs }],
    issuedMs,
    // A driver asks when a renewal is due.
    waitedMs: issuedMs === undefined || mounted === undefined ? 0 : Math.max(0, issuedMs - mounted.renewalDueMs),
    unseenForMs: unseenForMs(issued, mounted, issuedMs),
    requested: refusedOf(copies.values(), exposition),
    requestsKnownMs: requestsS === undefined ? undefined : requestsS * 1000,
    muted: namespace !== '' && namespace === mutedNamespace,
  }
}

/** For how long a newer SVID has been known without a look at the files, as far as that is exported. */
function unseenForMs(issued: CopyFacts | undefined, mounted: CopyFacts | undefined, issuedMs = NaN): number {
  if (issued === undefined || mounted === undefined || issued.renewalDueMs <= mounted.knownMs) return 0
  return Math.max(0, issued.knownMs - Math.max(issuedMs, mounted.knownMs))
}

function copyFacts(labels: Labels, dueS: number, exposition: Exposition, { now, requestsKnown }: Svidwatch): CopyFacts {
  const { t } = exposition
  const ofCopy = (name: string) => (exposition.value(name, labels) ?? NaN) * 1000
  const seenMs = ofCopy('spiffe_svid_last_observed_timestamp_seconds')
  const nowMs = now(t) * 1000
  return {
    labels: labels as unknown as SvidLabels,
    svid: {
      spiffeId: labels.spiffe_id ?? '',
      trustDomain: labels.trust_domain ?? '',
      notBeforeMs: ofCopy('spiffe_svid_not_before_timestamp_seconds'),
      notAfterMs: ofCopy('spiffe_svid_not_after_timestamp_seconds'),
      fingerprint: '',
    },
    renewalDueMs: dueS * 1000,
    knownMs: labels.copy === 'issued' ? (requestsKnown(t) ?? NaN) * 1000 : Math.min(nowMs, seenMs + silenceMs),
  }
}

function issuersOf(exposition: Exposition, { now }: Svidwatch): readonly IssuerView[] {
  const nowS = now(exposition.t)
  return exposition.samples('spiffe_issuer_last_issued_timestamp_seconds').map(({ labels, value }) => {
    const { trust_domain = '', issuer = '' } = labels
    const leftS = exposition.value('spire_server_ca_cert_expiry_seconds', { trust_domain, issuer })
    const notBeforeS = exposition.value('spiffe_ca_not_before_timestamp_seconds', { trust_domain, issuer })
    const chain =
      leftS === undefined || notBeforeS === undefined
        ? undefined
        : { notBeforeMs: notBeforeS * 1000, notAfterMs: (nowS + leftS) * 1000 }
    return { trust_domain, issuer, lastIssuedMs: value * 1000, chain }
  })
}

/** The requests that wait. */
function requestCountsOf(exposition: Exposition): readonly RequestCount[] {
  const waiting = exposition.samples('spiffe_certificate_request_oldest_waiting_timestamp_seconds')
  return waiting.map(({ labels: { namespace = '', issuer = '' }, value }) => ({
    ...({ namespace, issuer, state: 'approved', reason: 'awaiting_issuer', count: 1 } as const),
    oldestMs: value * 1000,
  }))
}

/** Returns the request of an SVID that its issuer refused last: those that fail are taken to be made for each of its SVIDs. */
function refusedOf(copies: Iterable<CopyFacts>, exposition: Exposition): SvidFacts['requested'] {
  const [one] = copies
  const { issuer = '' } = one?.labels ?? {}
  const issuedMs = Math.max(...Array.from(copies, ({ svid }) => svid.notBeforeMs))
  const failures = exposition
    .lastGrown('spire_attestation_failure_total')
    .filter(({ labels }) => labels.issuer === issuer)
  const createdMs = Math.max(...failures.map(({ value }) => value * 1000))
  if (!(createdMs > issuedMs)) return undefined
  const state = { state: 'failed', reason: 'failed_signing', message: '' } as const
  return { uid: 'request', name: 'request', issuer, createdMs, askedMs: createdMs, ...state }
}

const durations = 'spire_server_svid_renewal_duration_seconds'

/** For how long renewals are recent. */
const recentS = 900

/** The renewals of the last 15 min, with the quantile that Prometheus would interpolate. */
function recentRenewalsOf(exposition: Exposition): readonly RecentRenewalsView[] {
  const buckets = exposition.growth(`${durations}_bucket`, recentS)
  return exposition.growth(`${durations}_count`, recentS).flatMap(({ labels, value: count }) => {
    if (count === 0) return []
    const { trust_domain = '', issuer = '' } = labels
    const own = buckets.filter(({ labels: of }) => of.trust_domain === trust_domain && of.issuer === issuer)
    const bounds = own.map(({ labels: { le = '' }, value }) => ({ le: Number(le.replace('+Inf', 'Infinity')), value }))
    return [{ trust_domain, issuer, count, p99Ms: 1000 * quantile(0.99 * count, bounds) }]
  })
}

/** Returns the duration, in seconds, within which so many renewals were done; at most the largest bound that is finite. */
function quantile(rank: number, bounds: readonly { readonly le: number; readonly value: number }[]): number {
  const index = bounds.findIndex(({ value }) => value >= rank)
  const [before, bound] = [bounds[index - 1] ?? { le: 0, value: 0 }, bounds[index]]
  if (bound === undefined || bound.le === Infinity) return before.le
  return before.le + ((bound.le - before.le) * (rank - before.value)) / (bound.value - before.value)
}

function mismatchesOf(exposition: Exposition, { now }: Svidwatch): readonly IdentityMismatchView[] {
  return exposition.lastGrown('spiffe_identity_annotation_mismatches_total').map(({ labels, value: lastS }) => {
    const { trust_domain = '', issuer = '' } = labels
    const request = { namespace: 'team-a', request: 'request', spiffeId: '' }
    return { trust_domain, issuer, lastMs: now(lastS) * 1000, ...request }
  })
}

function bundlesOf(exposition: Exposition): readonly BundleView[] {
  return exposition.samples('spiffe_bundle_up').map(({ labels: { trust_domain = '' }, value }) => {
    const told = (name: string) => exposition.value(name, { trust_domain })
    const fetchedS = told('spire_bundle_refresh_timestamp')
    const hintS = told('spiffe_bundle_refresh_hint_seconds')
    const notAfterS = told('spiffe_bundle_not_after_timestamp_seconds')
    const x509Authorities = notAfterS === undefined ? [] : [{ der: '', notAfterMs: notAfterS * 1000 }]
    const bundle = { x509Authorities, jwtAuthorities: [], ...(hintS !== undefined && { refreshHintMs: hintS * 1000 }) }
    return bundleView({
      endpoint: { trustDomain: trust_domain, url: `https://${trust_domain}`, profile: 'https_web' },
      concluded: true,
      up: value === 1,
      ...(fetchedS !== undefined && { lastContactMs: fetchedS * 1000, bundle }),
    })
  })
}
