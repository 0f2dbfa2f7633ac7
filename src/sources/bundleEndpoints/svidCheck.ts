import { X509Certificate } from 'node:crypto'
import type { PeerCertificate } from 'node:tls'
import { messageOf } from '../../errors.ts'
import { certificateRules, type CertificateRules } from '../../identity/certificateRules.ts'
import { leafRefusal } from '../../identity/leafRules.ts'
import { svidFromPem } from '../../identity/x509Svid.ts'
import { printable } from '../../text/printable.ts'
import { BundleFailure } from './failure.ts'

/**
 * Returns a check for the leaf of an https_spiffe endpoint: it must be an X.509-SVID with `spiffeId`, and the host name does not
 * matter (SPIFFE Federation section 5.2.2.4). Node.js calls the check where nothing may be thrown.
 */
export function svidCheck(spiffeId: string): (host: string, leaf: PeerCertificate) => BundleFailure | undefined {
  return (_host, { raw }) => {
    try {
      return refusalOf(raw, spiffeId)
    } catch (error) {
      return new BundleFailure('tls_not_svid', printable(messageOf(error)))
    }
  }
}

function refusalOf(der: Buffer, spiffeId: string): BundleFailure | undefined {
  const read = svidFromPem(new X509Certificate(der).toString())
  if ('problem' in read) return new BundleFailure('tls_not_svid', `${read.problem}: ${read.detail}`)
  const broken = brokenUsageRule(certificateRules(der))
  if (broken !== undefined) return new BundleFailure('tls_not_svid', broken)
  if (read.svid.spiffeId === spiffeId) return undefined
  return new BundleFailure('tls_wrong_spiffe_id', printable(`the endpoint is ${read.svid.spiffeId}, not ${spiffeId}`))
}

/** Returns the rule for the key usage of a leaf (X509-SVID sections 4.3 and 4.4) that a certificate breaks. */
function brokenUsageRule(rules: CertificateRules): string | undefined {
  const broken = rules.broken ?? leafRefusal(rules)?.detail
  return broken ?? (rules.usage?.critical === true ? undefined : 'the key usage of the leaf is not critical')
}
