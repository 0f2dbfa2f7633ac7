import type { CaCertificate } from '../../identity/certificate.ts'
import { bundleOfCertificates, certificatesFromPem } from '../../identity/trustBundle.ts'
import type { BundleContent } from '../../ledger/trust/observations.ts'
import { printable } from '../../text/printable.ts'

/** A text, and its name for messages. */
export type NamedText = readonly [name: string, text: string]

/** Twice as much as the authorities that operating systems trust. A ConfigMap has room for twice as much again. */
const maxLength = 524_288

/** More than the authorities that operating systems trust. They take some 20 ms, which is as much as a turn of the event loop may take. */
const maxCertificates = 200

const beginsCertificate = '-----BEGIN CERTIFICATE-----'

/** Returns the trust bundle in texts of PEM: the certificates of all texts that have one. */
export function contentOf(texts: readonly NamedText[]): BundleContent {
  const pems = texts.filter(([, text]) => text.includes(beginsCertificate))
  if (pems.length === 0)
    return { problem: 'no_certificates', detail: `${texts.length} keys, and none has a certificate` }
  const length = pems.reduce((sum, [, text]) => sum + text.length, 0)
  if (length > maxLength) return { problem: 'too_large', detail: `${length} characters, and ${maxLength} are read` }
  const certificates: CaCertificate[] = []
  for (const [name, text] of pems) {
    const read = certificatesFromPem(text, maxCertificates)
    if ('problem' in read) return { problem: read.problem, detail: `${printable(name)}: ${read.detail}` }
    certificates.push(...read)
  }
  if (certificates.length <= maxCertificates) return { bundle: bundleOfCertificates(certificates) }
  return { problem: 'malformed_pem', detail: `more than ${maxCertificates} certificates` }
}
