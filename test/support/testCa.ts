import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type JsonGeneralName,
} from '@peculiar/x509'

/** A key usage, and whether it is critical. */
interface Usage {
  readonly flags: KeyUsageFlags
  readonly critical: boolean
}

/** The contents of a leaf certificate, valid or not. */
export interface LeafOptions {
  readonly uris?: readonly string[]
  readonly dns?: readonly string[]
  readonly ips?: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  readonly isCa?: boolean
  readonly commonName?: string
  /** None by default. */
  readonly usage?: Usage
  /** The OIDs of the extended key usage; none by default. */
  readonly extendedUsage?: readonly string[]
  /** The key of the certificate; a new one by default. */
  readonly keys?: webcrypto.CryptoKeyPair
  /** The subject key identifier in hex; none by default. */
  readonly keyId?: string
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

/** The key usages of leaves and of authorities (X509-SVID section 4.3). */
export const leafUsage: Usage = { flags: KeyUsageFlags.digitalSignature, critical: true }
const signingUsage: Usage = {
  flags: KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
  critical: true,
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** Creates a key for an authority or a leaf. */
export const createKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

export interface TestCaOptions {
  readonly name?: string
  /** The key of the authority; a new one by default. */
  readonly keys?: webcrypto.CryptoKeyPair
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** The issuing authority; self-signed by default. */
  readonly signedBy?: TestCa
  /** The subject key identifier in hex, which is the authority key identifier of all that it signs; none by default. */
  readonly keyId?: string
}

/** Creates a certificate authority that signs everything that a test asks for. */
export async function createTestCa({
  name = 'test-ca',
  notBefore = new Date('2025-01-01T00:00:00Z'),
  notAfter = new Date('2035-01-01T00:00:00Z'),
  signedBy,
  keys: givenKeys,
  keyId,
}: TestCaOptions = {}): Promise<TestCa> {
  const keys = givenKeys ?? (await createKeys())
  const period = { notBefore, notAfter }
  const ofKey = keyId === undefined ? {} : { keyId }
  const above = await signedBy?.issue({ ...period, ...ofKey, commonName: name, isCa: true, keys, usage: signingUsage })
  const certificatePem = above?.certificatePem ?? (await selfSignedPem(name, keys, period, keyId))

  let issued = 1
  const issue = async (options: LeafOptions) => {
    const { uris = [], dns = [], ips = [], isCa = false, commonName, usage, extendedUsage } = options
    issued += 1
    const serial = issued.toString(16).padStart(2, '0')
    const leafKeys = options.keys ?? (await createKeys())
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
        ...subjectKeyId(options.keyId),
        ...(keyId !== undefined ? [new AuthorityKeyIdentifierExtension(keyId)] : []),
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
  keyId: string | undefined,
): Promise<string> {
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    serialNumber: '01',
    ...period,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(signingUsage.flags, signingUsage.critical),
      ...subjectKeyId(keyId),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

const subjectKeyId = (keyId: string | undefined) =>
  keyId === undefined ? [] : [new SubjectKeyIdentifierExtension(keyId)]

function pemOfKey(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()
}
