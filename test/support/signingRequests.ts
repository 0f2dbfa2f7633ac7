import 'reflect-metadata' // @peculiar/x509 needs it to be loaded first.
import { generateKeyPairSync, sign, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  type JsonGeneralName,
} from '@peculiar/x509'
import { dersOf, pemOf } from '../fuzz/support/certificates.ts'
import { encodeDer, parseDer, type Element } from '../fuzz/support/der.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** Creates a PKCS #10 request in PEM for these subject alternative names, with a key that is discarded. */
export async function signingRequestFor(names: JsonGeneralName[], isCa = false): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys: await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify']),
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(isCa), new SubjectAlternativeNameExtension(names)],
  })
  return request.toString('pem')
}

export const url = (value: string): JsonGeneralName => ({ type: 'url', value })
export const dns = (value: string): JsonGeneralName => ({ type: 'dns', value })

/** The algorithms with the largest keys and the largest signatures of FIPS 204 and FIPS 205. */
export type LargeAlgorithm = 'ml-dsa-87' | 'slh-dsa-sha2-256f'

/** Returns a request for the same names with a key of another algorithm, which signs it. */
export function signedAnew(pem: string, algorithmName: LargeAlgorithm): string {
  const { publicKey, privateKey } = keysOf(algorithmName)
  const [request] = parseDer(dersOf(pem)[0] ?? Buffer.alloc(0)) ?? []
  const [info] = membersOf(request)
  const [version, subject, , attributes] = membersOf(info)
  const [key] = parseDer(publicKey.export({ type: 'spki', format: 'der' })) ?? []
  const [keyAlgorithm] = membersOf(key)
  if (!version || !subject || !key || !attributes || !keyAlgorithm) throw new Error('the request is not as expected')
  const newInfo = { tag: 0x30, content: [version, subject, key, attributes] }
  const signature = Buffer.concat([Buffer.of(0), sign(null, encodeDer([newInfo]), privateKey)])
  const whole = { tag: 0x30, content: [newInfo, keyAlgorithm, { tag: 0x03, content: signature }] }
  return pemOf('CERTIFICATE REQUEST', encodeDer([whole]))
}

function keysOf(name: LargeAlgorithm) {
  return name === 'ml-dsa-87' ? generateKeyPairSync(name) : generateKeyPairSync(name)
}

function membersOf(element: Element | undefined): readonly Element[] {
  return element === undefined || Buffer.isBuffer(element.content) ? [] : element.content
}
