import { hash } from 'node:crypto'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * Returns the value that cert-manager's csi-lib writes into the label `csi.cert-manager.io/volume-id-hash` of a
 * CertificateRequest for an ephemeral volume. The hash has only 32 bits, so callers must compare the pod's uid as well.
 */
export function volumeHash(podUid: string, volumeName: string): string {
  return labelHash(`csi-${hash('sha256', podUid + volumeName)}`)
}

/**
 * Returns csi-lib's hash for label values and node names: FNV-1 (multiply, then xor) of 32 bits, its decimal digits in an alphabet
 * that spells no words.
 */
export function labelHash(text: string): string {
  let fnv = 0x811c9dc5
  for (const byte of Buffer.from(text)) fnv = (Math.imul(fnv, 0x01000193) ^ byte) >>> 0
  return Array.from(String(fnv), (digit) => alphabet.charAt(digit.charCodeAt(0) % alphabet.length)).join('')
}
