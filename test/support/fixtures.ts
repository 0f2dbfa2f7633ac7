import { readFileSync } from 'node:fs'

/** Returns the text of a file in test/fixtures. */
export function fixtureText(path: string): string {
  return readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8')
}

interface RecordedRequest {
  readonly spec: { readonly request: string }
  readonly status?: { readonly certificate?: string; readonly ca?: string }
}

/** Returns the PEM texts of a recorded CertificateRequest; '' for those that it does not have. */
export function recordedPems(path: string): {
  readonly csr: string
  readonly certificate: string
  readonly ca: string
} {
  const { spec, status } = JSON.parse(fixtureText(path)) as RecordedRequest
  const decoded = (base64 = '') => Buffer.from(base64, 'base64').toString()
  return { csr: decoded(spec.request), certificate: decoded(status?.certificate), ca: decoded(status?.ca) }
}
