import 'reflect-metadata' // @peculiar/x509 needs it to be loaded first.
import { createPrivateKey, hash, webcrypto, type KeyObject } from 'node:crypto'
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509'

/** An Ed25519 key that is made from a name, and a certificate for it. Both are the same each time. */
export interface Party {
  readonly name: string
  readonly privateKey: KeyObject
  readonly publicKey: webcrypto.CryptoKey
  readonly signingKey: webcrypto.CryptoKey
}

const algorithm = { name: 'Ed25519' }

/** The bytes before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410 section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

export async function createParty(name: string): Promise<Party> {
  const pkcs8 = Buffer.concat([pkcs8Prefix, Buffer.from(hash('sha256', name), 'hex')])
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign'])
  const { kty, crv, x } = privateKey.export({ format: 'jwk' })
  const jwk = { kty, crv, x } as webcrypto.JsonWebKey
  const publicKey = await webcrypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify'])
  return { name, privateKey, publicKey, signingKey }
}

/** Returns the certificate of a CA in PEM. */
export function authorityPem(subject: Party, issuer: Party): Promise<string> {
  const usage = new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)
  return certificatePem(subject, issuer, [new BasicConstraintsExtension(true, undefined, true), usage])
}

/** Returns an X.509-SVID in PEM. */
export function svidPem(subject: Party, issuer: Party): Promise<string> {
  const usage = new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)
  const names = new SubjectAlternativeNameExtension([{ type: 'url', value: `spiffe://example.org/${subject.name}` }])
  return certificatePem(subject, issuer, [usage, names])
}

async function certificatePem(subject: Party, issuer: Party, extensions: Extension[]): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    serialNumber: hash('sha256', subject.name).slice(0, 16).replace(/^./, '1'),
    subject: `CN=${subject.name}`,
    issuer: `CN=${issuer.name}`,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2046-01-01T00:00:00Z'),
    publicKey: subject.publicKey,
    signingKey: issuer.signingKey,
    signingAlgorithm: algorithm,
    extensions,
  })
  return `${certificate.toString('pem')}\n`
}
