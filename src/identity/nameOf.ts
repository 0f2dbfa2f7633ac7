import { printable } from '../text/printable.ts'
import type { ReadCertificate } from './certificate.ts'

/** Returns the subject of a certificate for messages, or a part of its fingerprint if it has none. */
export function nameOf({ parsed: { subject }, fingerprint }: ReadCertificate): string {
  return oneLine(subject) ?? `the certificate ${fingerprint.slice(0, 16)}…`
}

/** Returns the name of the issuer of a certificate for messages. */
export const issuerOf = ({ parsed: { issuer } }: ReadCertificate): string =>
  oneLine(issuer) ?? 'an issuer without a name'

/** node:crypto writes each part of a name on a line of its own, and has undefined for a name without parts. */
function oneLine(name: string | undefined): string | undefined {
  if (name === undefined || name === '') return undefined
  return `"${printable(name.slice(0, 400).replaceAll('\n', ', '), { maxLength: 100 })}"`
}
