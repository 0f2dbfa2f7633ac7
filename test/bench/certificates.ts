/**
 * Certificates for any number of workloads in a moment: one is issued, and for each workload its SPIFFE ID, its serial number
 * and its dates are written over in the DER, all of the same length. The signature no longer fits, which no API server and no
 * reader of CertificateRequests verifies; size, structure and cost of parsing are those of a real one.
 */
import { randomBytes, X509Certificate } from 'node:crypto'
import { createCertificateAuthority } from '../../src/world/certificateAuthority.ts'
import { createSigningRequest } from '../../src/world/signingRequest.ts'

export const lifetimeMs = 3_600_000

export interface Mint {
  readonly authorityPem: string
  /** The signing request for a SPIFFE ID of the length that the mint was made for. */
  requestPem(spiffeId: string): string
  /** Its certificate, each time with another serial number. */
  certificatePem(spiffeId: string, notBeforeMs: number): string
}

/** A mint for SPIFFE IDs as long as `example`. */
export async function createMint(example: string, nowMs: number): Promise<Mint> {
  const authority = await createCertificateAuthority('bench', nowMs)
  const requestPem = await createSigningRequest(example)
  const certificatePem = await authority.sign(requestPem, { notBeforeMs: nowMs, lifetimeMs })
  const leaf = new X509Certificate(certificatePem)
  const request = new Template(derOf(requestPem), 'CERTIFICATE REQUEST')
  const certificate = new Template(leaf.raw, 'CERTIFICATE')
  const serial = Buffer.from(leaf.serialNumber, 'hex')
  return {
    authorityPem: authority.certificatePem,
    requestPem: (spiffeId) => request.with([[example, spiffeId]]),
    certificatePem: (spiffeId, notBeforeMs) =>
      certificate.with([
        [example, spiffeId],
        [serial, Buffer.concat([serial.subarray(0, 1), randomBytes(serial.length - 1)])],
        [utcTime(leaf.validFromDate.getTime()), utcTime(notBeforeMs)],
        [utcTime(leaf.validToDate.getTime()), utcTime(notBeforeMs + lifetimeMs)],
      ]),
  }
}

type Replacement = readonly [before: string | Buffer, after: string | Buffer]

class Template {
  readonly #der: Buffer
  readonly #type: string

  constructor(der: Buffer, type: string) {
    this.#der = der
    this.#type = type
  }

  /** The PEM, with each replacement made once. */
  with(replacements: readonly Replacement[]): string {
    const der = Buffer.from(this.#der)
    for (const [before, after] of replacements) {
      const place = der.indexOf(before)
      if (place === -1 || before.length !== after.length)
        throw new Error(`${before.toString()} cannot be replaced by ${after.toString()} in a ${this.#type}`)
      der.set(Buffer.from(after), place)
    }
    const lines = der.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')
    return `-----BEGIN ${this.#type}-----\n${lines}\n-----END ${this.#type}-----\n`
  }
}

const derOf = (pem: string): Buffer => Buffer.from(pem.replaceAll(/-----[A-Z ]+-----/g, ''), 'base64')

/** How certificates write times before 2050 (RFC 5280 section 4.1.2.5.1). */
const utcTime = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replaceAll(/[-:T]|\.\d+/g, '')
    .slice(2)
