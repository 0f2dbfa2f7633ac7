import type { IdentityMismatchView, RecentRenewalsView } from '../ledger/issuance/view.ts'
import type { Judged } from './diagnosis.ts'
import { thresholds } from './thresholds.ts'

/** Judges the renewals of the last minutes of one issuer. */
export function judgeSpeed({ trust_domain, issuer, count, p99Ms }: RecentRenewalsView, judged: Judged): void {
  if (count < thresholds.minRenewals || p99Ms <= thresholds.slowMs) return
  judged({
    ...warning(trust_domain, issuer),
    code: 'issuer_slow',
    sinceMs: undefined,
    evidence: { renewals: count, p99Seconds: Math.round(p99Ms / 100) / 10 },
    remedy: 'issuer',
  })
}

/** Judges the last request to an issuer whose annotation claims another SPIFFE ID than its certificate has. */
export function judgeMismatch(view: IdentityMismatchView, nowMs: number, judged: Judged): void {
  const { trust_domain, issuer, lastMs, namespace, request, spiffeId } = view
  if (nowMs - lastMs > thresholds.mismatchMs) return
  judged({
    ...warning(trust_domain, issuer),
    code: 'identity_mismatch',
    sinceMs: undefined,
    evidence: { lastMs, request: `${namespace}/${request}`, spiffeId },
    remedy: 'nothing',
  })
}

function warning(trust_domain: string, issuer: string) {
  const subject = { trust_domain, issuer }
  const key = `${trust_domain} ${issuer}`
  return { severity: 'warning', key, subject, reason: '', explainedBy: '', muted: false } as const
}
