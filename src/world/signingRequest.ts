import 'reflect-metadata' // @peculiar/x509 needs it to be loaded first.
import { webcrypto } from 'node:crypto'
import {
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  type JsonGeneralName,
} from '@peculiar/x509'

/** The algorithm of all keys in this world. */
export const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/**
 * Creates the PKCS #10 request (RFC 2986) of csi-driver-spiffe, in PEM. Its key is discarded, because no workload in this world
 * authenticates with it.
 */
export async function createSigningRequest(spiffeId: string): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, false, ['sign', 'verify'])
  return requestFor({ type: 'url', value: spiffeId }, keys)
}

/** Creates a request in PEM with an empty subject and one subject alternative name, which is critical. */
export async function requestFor(name: JsonGeneralName, keys: webcrypto.CryptoKeyPair): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: keyAlgorithm,
    extensions: [new SubjectAlternativeNameExtension([name], true)],
  })
  return `${request.toString('pem')}\n`
}
