import { KeyObject, webcrypto } from 'node:crypto'
import type { JsonGeneralName } from '@peculiar/x509'
import type { CertificateAuthority } from './certificateAuthority.ts'
import { keyAlgorithm, requestFor } from './signingRequest.ts'

/** What a TLS server shows, and the key to it, both PEM. The key is in memory only. */
export interface ServerCertificate {
  readonly certificatePem: string
  readonly keyPem: string
}

const lifetimeMs = 30 * 24 * 3_600_000

/** A certificate of 30 days for a new key, with one name: an IP address for the Web PKI, a URL for an X.509-SVID. */
export async function createServerCertificate(
  authority: CertificateAuthority,
  name: JsonGeneralName,
  nowMs: number,
): Promise<ServerCertificate> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
  const certificatePem = await authority.sign(await requestFor(name, keys), { notBeforeMs: nowMs, lifetimeMs })
  return { certificatePem, keyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString() }
}
