import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type JsonGeneralName,
  type KeyUsageFlags,
} from '@peculiar/x509'

/** The contents of a leaf certificate, valid or not. */
export interface LeafOptions {
  readonly uris?: readonly string[]
  readonly dns?: readonly string[]
  readonly ips?: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  readonly isCa?: boolean
  readonly commonName?: string
  /** The key usage, and whether it is critical; none by default. */
  readonly usage?: { readonly flags: KeyUsageFlags; readonly critical: boolean }
  /** The OIDs of the extended key usage; none by default. */
  readonly extendedUsage?: readonly string[]
  /** The key of the certificate; a new one by default. */
  readonly keys?: webcrypto.CryptoKeyPair
}

export interface Issued {
  readonly certificatePem: string
  /** The serial number that node:crypto reports, in lower-case hex. */
  readonly serial: string
  /** PKCS #8: the key of the certificate. */
  readonly keyPem: string
}

export interface TestCa {
  readonly certificatePem: string
  /** PKCS #8: the authority's own key. */
  readonly keyPem: string
  issue(options: LeafOptions): Promise<Issued>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface TestCaOptions {
  readonly name?: string
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** The issuing authority; self-signed by default. */
  readonly signedBy?: TestCa
}

/** Creates a certificate authority that signs everything that a test asks for. */
export async function createTestCa({
  name = 'test-ca',
  notBefore = new Date('2025-01-01T00:00:00Z'),
  notAfter = new Date('2035-01-01T00:00:00Z'),
  signedBy,
}: TestCaOptions = {}): Promise<TestCa> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const period = { notBefore, notAfter }
  const above = await signedBy?.issue({ ...period, commonName: name, isCa: true, keys })
  const certificatePem = above?.certificatePem ?? (await selfSignedPem(name, keys, period))

  let issued = 1
  const issue = async (options: LeafOptions) => {
    const { uris = [], dns = [], ips = [], isCa = false, commonName, usage, extendedUsage } = options
    issued += 1
    const serial = issued.toString(16).padStart(2, '0')
    const leafKeys = options.keys ?? (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']))
    const names: JsonGeneralName[] = [
      ...uris.map((value) => ({ type: 'url', value }) as const),
      ...dns.map((value) => ({ type: 'dns', value }) as const),
      ...ips.map((value) => ({ type: 'ip', value }) as const),
    ]
    const leaf = await X509CertificateGenerator.create({
      notBefore: options.notBefore,
      notAfter: options.notAfter,
      ...(commonName !== undefined && { subject: `CN=${commonName}` }),
      issuer: `CN=${name}`,
      serialNumber: serial,
      signingKey: keys.privateKey,
      publicKey: leafKeys.publicKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(isCa, undefined, true),
        ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names, true)] : []),
        ...(usage !== undefined ? [new KeyUsagesExtension(usage.flags, usage.critical)] : []),
        ...(extendedUsage !== undefined ? [new ExtendedKeyUsageExtension([...extendedUsage])] : []),
      ],
    })
    return { certificatePem: `${leaf.toString('pem')}\n`, serial, keyPem: pemOfKey(leafKeys.privateKey) }
  }
  return { certificatePem, keyPem: pemOfKey(keys.privateKey), issue }
}

async function selfSignedPem(
  name: string,
  keys: webcrypto.CryptoKeyPair,
  period: { readonly notBefore: Date; readonly notAfter: Date },
): Promise<string> {
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    serialNumber: '01',
    ...period,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  return `${certificate.toString('pem')}\n`
}

function pemOfKey(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()
}
