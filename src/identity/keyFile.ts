/**
 * Whether a file's name says that it holds a private key: `tls.key`, `svid_key.pem` (spiffe-helper), `key.pem`. Such files are
 * never opened.
 */
export function isKeyFileName(name: string): boolean {
  return /(^|[-_.])key(\.pem)?$/i.test(name)
}
