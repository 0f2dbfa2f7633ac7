import type { IssuerView } from '../ledger/issuance/view.ts'
import type { Severity } from './codes.ts'
import type { Judged } from './diagnosis.ts'
import { thresholds } from './thresholds.ts'

/**
 * Judges the CA behind the newest SVID of an issuer. An issuer that has issued nothing since its CA was replaced may use the new
 * one, so what was left when it last issued decides.
 */
export function judgeAuthority(
  { trust_domain, issuer, chain, lastIssuedMs }: IssuerView,
  nowMs: number,
  judged: Judged,
): void {
  if (chain === undefined) return
  const { notBeforeMs, notAfterMs } = chain
  const lifetimeMs = notAfterMs - notBeforeMs
  const left = { ms: notAfterMs - nowMs, share: (notAfterMs - nowMs) / lifetimeMs }
  const severity = severityOf(left, (notAfterMs - lastIssuedMs) / lifetimeMs)
  if (severity === undefined) return
  judged({
    code: 'ca_expiring',
    severity,
    key: `${trust_domain} ${issuer}`,
    subject: { trust_domain, issuer },
    reason: '',
    sinceMs: undefined,
    impactMs: notAfterMs,
    evidence: { notBeforeMs, notAfterMs, lastIssuedMs },
    remedy: 'issuer',
    explainedBy: '',
    muted: false,
  })
}

function severityOf(
  left: { readonly ms: number; readonly share: number },
  shareWhenIssued: number,
): Severity | undefined {
  const { warning, critical } = thresholds.ca
  const isStillUsed = shareWhenIssued < critical.leftShareWhenIssued || left.share < critical.leftShare
  if (left.ms < critical.leftMs && isStillUsed) return 'critical'
  return left.ms < warning.leftMs && shareWhenIssued < warning.leftShareWhenIssued ? 'warning' : undefined
}
