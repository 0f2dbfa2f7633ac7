import {
  deliveryLabels,
  durationBuckets,
  totalsShape,
  type DeliveryName,
  type TotalName,
} from '../../ledger/issuance/view.ts'
import { requestLabels, type issuanceMetrics } from '../catalogue/issuance.ts'
import { labelText } from '../labelText.ts'
import type { Collector, Collectors } from '../snapshot.ts'

/** Writes the samples of one of the ledger's totals, which is a counter or a histogram. */
function fromTotals(name: TotalName | DeliveryName): Collector {
  const labelNames = name in totalsShape ? totalsShape[name as TotalName].labels : deliveryLabels
  return (samples, { ledger }) => {
    for (const total of ledger.totals(name)) {
      const labels = labelText(labelNames, total.labels)
      if ('value' in total) samples.add(labels, total.value)
      else samples.addHistogram(labels, durationBuckets, total.counts, total.sum)
    }
  }
}

export const issuanceCollectors: Collectors<typeof issuanceMetrics> = {
  spire_attestation_success_total: fromTotals('attestationSuccess'),
  spire_attestation_failure_total: fromTotals('attestationFailure'),
  spire_server_svid_renewal_duration_seconds: fromTotals('renewalDuration'),
  spiffe_certificate_request_approval_duration_seconds: fromTotals('approvalDuration'),
  spiffe_certificate_request_signing_duration_seconds: fromTotals('signingDuration'),
  spiffe_pod_first_svid_duration_seconds: fromTotals('firstSvid'),
  spiffe_svid_mount_duration_seconds: fromTotals('mount'),
  spiffe_certificate_requests(samples, { ledger }) {
    for (const { namespace, issuer, state, reason, count } of ledger.requestCounts())
      samples.add(labelText(requestLabels, [namespace, issuer, state, reason]), count)
  },
  spiffe_certificate_request_oldest_waiting_timestamp_seconds(samples, { ledger }) {
    for (const { namespace, issuer, state, reason, oldestMs } of ledger.requestCounts())
      if (oldestMs !== undefined)
        samples.add(labelText(requestLabels, [namespace, issuer, state, reason]), oldestMs / 1000)
  },
  spiffe_issuer_last_issued_timestamp_seconds(samples, { ledger }) {
    for (const { trust_domain, issuer, lastIssuedMs } of ledger.issuers())
      samples.add(labelText(['trust_domain', 'issuer'], [trust_domain, issuer]), lastIssuedMs / 1000)
  },
  spiffe_identity_annotation_mismatches_total: fromTotals('identityMismatches'),
}
