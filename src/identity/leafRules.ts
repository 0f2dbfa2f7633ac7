import { keyUsageBits, type CertificateRules } from './certificateRules.ts'
import type { Refused } from './verdict.ts'

/** The contents octets of 1.3.6.1.5.5.7.3.1 and 1.3.6.1.5.5.7.3.2, in hex. */
const purposes = { serverAuth: '2b06010505070301', clientAuth: '2b06010505070302' }

/**
 * Returns why peers refuse a leaf for its key usage or extended key usage (X509-SVID sections 4.3, 4.4 and 5.2). go-spiffe refuses to
 * load a leaf without digitalSignature. It does not look at the extended key usage; programs with OpenSSL do.
 */
export function leafRefusal({ usage, purposes: given }: CertificateRules): Refused | undefined {
  if (usage === undefined) return { refusal: 'no_key_usage', detail: 'the leaf has no key usage' }
  for (const name of ['keyCertSign', 'cRLSign'] as const)
    if ((usage.bits & keyUsageBits[name]) !== 0)
      return { refusal: 'ca_key_usage', detail: `the key usage of the leaf has ${name}` }
  if ((usage.bits & keyUsageBits.digitalSignature) === 0)
    return { refusal: 'no_key_usage', detail: 'the key usage of the leaf has no digitalSignature' }
  for (const name of ['serverAuth', 'clientAuth'] as const)
    if (given?.includes(purposes[name]) === false)
      return { refusal: 'wrong_purpose', detail: `the extended key usage of the leaf has no ${name}` }
  return undefined
}
