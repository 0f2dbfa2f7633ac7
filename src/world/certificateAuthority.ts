import 'reflect-metadata' // @peculiar/x509 needs it to be loaded first.
import { randomBytes, webcrypto, X509Certificate as ParsedCertificate } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type Extension,
  type X509Certificate,
} from '@peculiar/x509'
import type { Period } from '../identity/lifetime.ts'
import { keyAlgorithm } from './signingRequest.ts'

const dayMs = 24 * 3_600_000
const leafUsage: KeyUsageFlags = KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment
const authorityUsage: KeyUsageFlags = leafUsage | KeyUsageFlags.keyCertSign

/** The start and the length of a certificate's validity, in milliseconds. Certificates have times in whole seconds. */
interface Validity {
  readonly notBeforeMs: number
  readonly lifetimeMs: number
}

/** A certificate authority like the one of cert-manager's CA issuer. */
export interface CertificateAuthority {
  readonly certificatePem: string
  /**
   * Signs the leaf certificate that a signing request asks for; both are PEM. Throws if the request is malformed or its signature
   * is wrong.
   */
  sign(requestPem: string, validity: Validity): Promise<string>
}

/** How long a CA certificate is valid, ms. */
export const authorityLifetimeMs = 90 * dayMs

/** Creates a key and a CA certificate, valid for 90 days from `ageMs` before `nowMs`. `name` is its common name. */
export async function createCertificateAuthority(
  name: string,
  nowMs: number,
  ageMs = dayMs,
): Promise<CertificateAuthority> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, false, ['sign', 'verify'])
  const own = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: keyAlgorithm,
    serialNumber: randomSerialNumber(),
    ...datesOf({ notBeforeMs: nowMs - ageMs, lifetimeMs: authorityLifetimeMs }),
    extensions: [
      new KeyUsagesExtension(authorityUsage, true),
      new BasicConstraintsExtension(true, undefined, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    certificatePem: toPem(own),
    sign: async (requestPem, validity) => {
      const request = new Pkcs10CertificateRequest(requestPem)
      if (!(await request.verify())) throw new Error('the signature of the certificate signing request is wrong')
      const leaf = await X509CertificateGenerator.create({
        publicKey: request.publicKey,
        issuer: own.subject,
        signingKey: keys.privateKey,
        signingAlgorithm: keyAlgorithm,
        serialNumber: randomSerialNumber(),
        ...datesOf(validity),
        extensions: await leafExtensions(request, own),
      })
      return toPem(leaf)
    },
  }
}

/** Returns the extensions that cert-manager writes, in its order. */
async function leafExtensions(request: Pkcs10CertificateRequest, issuer: X509Certificate): Promise<Extension[]> {
  return [
    new KeyUsagesExtension(leafUsage, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    new BasicConstraintsExtension(false, undefined, true),
    await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ...request.extensions.filter((extension) => extension instanceof SubjectAlternativeNameExtension),
  ]
}

function datesOf({ notBeforeMs, lifetimeMs }: Validity): { notBefore: Date; notAfter: Date } {
  const beginMs = Math.floor(notBeforeMs / 1000) * 1000
  return { notBefore: new Date(beginMs), notAfter: new Date(beginMs + lifetimeMs) }
}

/** Returns 159 random bits in hex: a positive number of at most 20 octets (RFC 5280 section 4.1.2.2). */
function randomSerialNumber(): string {
  const bytes = randomBytes(20)
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0)
  return bytes.toString('hex')
}

function toPem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}

/** Returns the validity of the first certificate in a PEM text. Throws if there is none. */
export function periodOf(certificatePem: string): Period {
  const { validFromDate, validToDate } = new ParsedCertificate(certificatePem)
  return { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() }
}
