import { lastEndMs, type SpiffeBundle } from '../identity/spiffeBundle.ts'
import type { BundleView } from '../ledger/bundles/view.ts'
import type { Judged, Judgement } from './diagnosis.ts'
import { thresholds } from './thresholds.ts'

/** Judges the trust bundle of another trust domain and its endpoint. */
export function judgeBundle(view: BundleView, nowMs: number, judged: Judged): void {
  const endsMs = view.bundle && lastEndMs(view.bundle)
  if (endsMs !== undefined && nowMs > endsMs) judged({ ...about(view), ...expired(endsMs) })
  if (!view.concluded || view.up) return
  if (view.lastContactMs === undefined) judged({ ...about(view), ...unreachable(view) })
  else {
    const stale = staleness(view, view.lastContactMs, endsMs, nowMs)
    if (stale) judged({ ...about(view), ...stale })
  }
}

function about({ endpoint, trouble }: BundleView) {
  const { trustDomain, url } = endpoint
  return {
    key: trustDomain,
    subject: { trust_domain: trustDomain },
    reason: trouble?.reason ?? '',
    evidence: { url, ...(trouble && { message: trouble.detail }) },
    remedy: 'bundle',
    explainedBy: '',
    muted: false,
  } as const
}

type Finding = Pick<Judgement, 'code' | 'severity' | 'sinceMs' | 'impactMs'>

const expired = (endsMs: number): Finding => ({
  code: 'bundle_expired',
  severity: 'critical',
  sinceMs: endsMs,
  impactMs: endsMs,
})

const unreachable = ({ lostMs }: BundleView): Finding => ({
  code: 'bundle_unreachable',
  severity: 'warning',
  sinceMs: lostMs,
})

/** The trust domain has changed its authorities by the time at which staleness is critical, or is about to. */
function staleness(
  view: BundleView,
  fetchedMs: number,
  endsMs: number | undefined,
  nowMs: number,
): Finding | undefined {
  const { staleIntervals, staleShare } = thresholds.bundle
  const staleMs = fetchedMs + staleIntervals * intervalMs(view.bundle)
  const criticalMs = endsMs === undefined ? Infinity : fetchedMs + staleShare * (endsMs - fetchedMs)
  if (nowMs <= Math.min(staleMs, criticalMs)) return undefined
  return {
    code: 'bundle_stale',
    severity: nowMs > criticalMs ? 'critical' : 'warning',
    sinceMs: Math.min(staleMs, criticalMs),
    ...(endsMs !== undefined && { impactMs: endsMs }),
  }
}

/** Returns how often the bundle is fetched, ms. */
function intervalMs(bundle: SpiffeBundle | undefined): number {
  const { minIntervalMs, maxIntervalMs, defaultIntervalMs } = thresholds.bundle
  const hintMs = bundle?.refreshHintMs
  return hintMs === undefined ? defaultIntervalMs : Math.min(Math.max(hintMs, minIntervalMs), maxIntervalMs)
}
