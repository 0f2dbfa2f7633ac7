import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type JsonGeneralName,
} from '@peculiar/x509'

/** What a test wants in a leaf, right or wrong. */
export interface LeafOptions {
  readonly uris?: readonly string[]
  readonly dns?: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  readonly isCa?: boolean
  readonly commonName?: string
}

export interface Issued {
  readonly certificatePem: string
  /** Lower-case hex, as node:crypto writes it but for its case. */
  readonly serial: string
}

export interface TestCa {
  readonly certificatePem: string
  issue(options: LeafOptions): Promise<Issued>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A certificate authority that signs whatever a test asks for. */
export async function createTestCa({
  name = 'test-ca',
  notBefore = new Date('2025-01-01T00:00:00Z'),
  notAfter = new Date('2035-01-01T00:00:00Z'),
}: { readonly name?: string; readonly notBefore?: Date; readonly notAfter?: Date } = {}): Promise<TestCa> {
  const keys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const own = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    serialNumber: '01',
    notBefore,
    notAfter,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })

  let issued = 1
  const issue = async ({ uris = [], dns = [], isCa = false, commonName, ...period }: LeafOptions) => {
    issued += 1
    const serial = issued.toString(16).padStart(2, '0')
    const names: JsonGeneralName[] = [
      ...uris.map((value) => ({ type: 'url', value }) as const),
      ...dns.map((value) => ({ type: 'dns', value }) as const),
    ]
    const leaf = await X509CertificateGenerator.create({
      ...period,
      ...(commonName !== undefined && { subject: `CN=${commonName}` }),
      issuer: own.subject,
      serialNumber: serial,
      signingKey: keys.privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(isCa, undefined, true),
        ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names, true)] : []),
      ],
    })
    return { certificatePem: `${leaf.toString('pem')}\n`, serial }
  }
  return { certificatePem: `${own.toString('pem')}\n`, issue }
}
