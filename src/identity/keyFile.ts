/**
 * Reports whether a file has the name of a private key: `tls.key`, `svid_key.pem` (spiffe-helper), `key.pem`. Such files are never
 * opened.
 */
export function isKeyFileName(name: string): boolean {
  return /(^|[-_.])key(\.pem)?$/i.test(name)
}
