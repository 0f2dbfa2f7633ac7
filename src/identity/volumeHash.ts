import { hash } from 'node:crypto'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * What cert-manager's csi-lib writes into label `csi.cert-manager.io/volume-id-hash` of a CertificateRequest that it makes for
 * an ephemeral volume. It has only 32 bits: compare the pod's uid as well.
 */
export function volumeHash(podUid: string, volumeName: string): string {
  return labelHash(`csi-${hash('sha256', podUid + volumeName)}`)
}

/** csi-lib's hash for label values, of a node name too: FNV-1 (multiply, then xor) of 32 bits, its decimal digits in an alphabet that spells no words. */
export function labelHash(text: string): string {
  let fnv = 0x811c9dc5
  for (const byte of Buffer.from(text)) fnv = (Math.imul(fnv, 0x01000193) ^ byte) >>> 0
  return Array.from(String(fnv), (digit) => alphabet.charAt(digit.charCodeAt(0) % alphabet.length)).join('')
}
