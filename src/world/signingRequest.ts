import 'reflect-metadata' // @peculiar/x509 needs it to be loaded first.
import { KeyObject, webcrypto } from 'node:crypto'
import {
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  type JsonGeneralName,
} from '@peculiar/x509'

/** The algorithm of all keys in this world. */
export const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A PKCS #10 request (RFC 2986) and the private key that belongs to it, both PEM. */
export interface SigningRequest {
  readonly requestPem: string
  readonly keyPem: string
}

/** Creates a key and the request of csi-driver-spiffe for it. */
export async function createKeyAndRequest(spiffeId: string): Promise<SigningRequest> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
  return { requestPem: await requestFor({ type: 'url', value: spiffeId }, keys), keyPem: pemOf(keys.privateKey) }
}

/** Creates the request of csi-driver-spiffe, in PEM, for an SVID with which nobody authenticates: its key is discarded. */
export async function createSigningRequest(spiffeId: string): Promise<string> {
  const { requestPem } = await createKeyAndRequest(spiffeId)
  return requestPem
}

/** Returns a private key as PKCS #8, in PEM. */
export function pemOf(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()
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
