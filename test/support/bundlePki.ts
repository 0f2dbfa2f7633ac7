import 'reflect-metadata' // @peculiar/x509 needs it to be loaded first.
import { X509Certificate } from 'node:crypto'
import { ExtendedKeyUsage, KeyUsageFlags } from '@peculiar/x509'
import { systemClock } from '../../src/clock.ts'
import { createTestCa, type Issued, type LeafOptions, type TestCa } from './testCa.ts'

const hourMs = 3_600_000
// Real TLS connections verify certificates at the real time.
const nowMs = systemClock.now()
const period = { notBefore: new Date(nowMs - hourMs), notAfter: new Date(nowMs + hourMs) }
export const past = { notBefore: new Date(nowMs - 2 * hourMs), notAfter: new Date(nowMs - hourMs) }
export const future = { notBefore: new Date(nowMs + hourMs), notAfter: new Date(nowMs + 2 * hourMs) }

export const endpointId = 'spiffe://partner.example/bundle-endpoint'
const critical = { flags: KeyUsageFlags.digitalSignature, critical: true }
export const bothPurposes = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]

/** The authorities that tests trust, and `stranger`, which they do not. */
export interface BundlePki {
  readonly web: TestCa
  readonly spiffe: TestCa
  readonly stranger: TestCa
  readonly expired: TestCa
  /** A certificate that is not that of a CA. */
  readonly leafPem: string
  /** Issues a certificate for the host of the test servers. */
  webLeaf(options?: Partial<LeafOptions>, ca?: TestCa): Promise<Issued>
  /** Issues an X.509-SVID of the endpoint. */
  svid(options?: Partial<LeafOptions>, ca?: TestCa): Promise<Issued>
}

export async function createBundlePki(): Promise<BundlePki> {
  const [web, spiffe, stranger, expired] = await Promise.all([
    createTestCa({ name: 'web' }),
    createTestCa({ name: 'spiffe' }),
    createTestCa({ name: 'stranger' }),
    createTestCa({ name: 'expired', ...past }),
  ])
  const leaf = await web.issue({ ...period, usage: critical })
  return {
    web,
    spiffe,
    stranger,
    expired,
    leafPem: leaf.certificatePem,
    webLeaf: (options, ca = web) => ca.issue({ ...period, ips: ['127.0.0.1'], ...options }),
    svid: (options, ca = spiffe) =>
      ca.issue({ ...period, uris: [endpointId], usage: critical, extendedUsage: bothPurposes, ...options }),
  }
}

/** Returns the element that SPIRE writes into a bundle document for an authority. */
export function x509Jwk(certificatePem: string): Readonly<Record<string, unknown>> {
  const certificate = new X509Certificate(certificatePem)
  return { use: 'x509-svid', ...certificate.publicKey.export({ format: 'jwk' }), x5c: [derOf(certificatePem)] }
}

/** Returns a certificate's DER in base64. */
export function derOf(certificatePem: string): string {
  return new X509Certificate(certificatePem).raw.toString('base64')
}

/** Returns a bundle document with the authorities of `cas`. */
export function bundleOf(cas: readonly TestCa[], members: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ keys: cas.map(({ certificatePem }) => x509Jwk(certificatePem)), ...members })
}
