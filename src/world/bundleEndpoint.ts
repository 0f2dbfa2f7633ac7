import { webcrypto, X509Certificate, type JsonWebKey } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { JsonGeneralName } from '@peculiar/x509'
import type { CertificateAuthority } from './certificateAuthority.ts'
import { keyAlgorithm, pemOf, requestFor } from './signingRequest.ts'

/** A bundle endpoint on 127.0.0.1 (SPIFFE Federation, section 5). */
export interface BundleEndpoint {
  readonly url: string
  /** Resolves when every connection is closed. */
  close(): Promise<void>
}

/** Starts an endpoint that answers with the current result of `document`. Like SPIRE's, it answers only GET, and only one path. */
export async function startBundleEndpoint(
  { certificatePem, keyPem }: ServerCertificate,
  document: () => string,
): Promise<BundleEndpoint> {
  const answer = ({ method, url }: IncomingMessage, response: ServerResponse): void => {
    if (url !== '/') response.writeHead(404).end()
    else if (method !== 'GET') response.writeHead(405).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(document())
  }
  const server = createServer({ cert: certificatePem, key: keyPem }, answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return {
    url: `https://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The certificate of a TLS server and its key, both PEM. The key is kept in memory only. */
export interface ServerCertificate {
  readonly certificatePem: string
  readonly keyPem: string
}

const serverLifetimeMs = 30 * 24 * 3_600_000

/** Creates a key and a certificate for 30 days with one name: an IP address for the Web PKI, a URL for an X.509-SVID. */
export async function createServerCertificate(
  authority: CertificateAuthority,
  name: JsonGeneralName,
  nowMs: number,
): Promise<ServerCertificate> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
  const certificatePem = await authority.sign(await requestFor(name, keys), {
    notBeforeMs: nowMs,
    lifetimeMs: serverLifetimeMs,
  })
  return { certificatePem, keyPem: pemOf(keys.privateKey) }
}

interface BundleContent {
  /** The CA certificates that sign X.509-SVIDs, PEM. */
  readonly authorityPems: readonly string[]
  /** The public keys of JWT-SVIDs, each with its `kid`. */
  readonly jwtKeys: readonly JsonWebKey[]
  /** Must rise whenever the content changes. */
  readonly sequence: number
  readonly refreshHintSeconds: number
}

/** Returns a trust bundle in SPIFFE's own format (SPIFFE Trust Domain and Bundle, section 4). */
export function bundleDocument({ authorityPems, jwtKeys, sequence, refreshHintSeconds }: BundleContent): string {
  const x509Keys = authorityPems.map((pem) => {
    const certificate = new X509Certificate(pem)
    const key = certificate.publicKey.export({ format: 'jwk' })
    return { use: 'x509-svid', ...key, x5c: [certificate.raw.toString('base64')] }
  })
  const keys = [...x509Keys, ...jwtKeys.map((key) => ({ use: 'jwt-svid', ...key }))]
  return JSON.stringify({ keys, spiffe_sequence: sequence, spiffe_refresh_hint: refreshHintSeconds })
}
