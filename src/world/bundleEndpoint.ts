import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { ServerCertificate } from './serverCertificate.ts'

/** A bundle endpoint on 127.0.0.1 (SPIFFE Federation, section 5). */
export interface BundleEndpoint {
  readonly url: string
  /** Resolves when nothing is open any more. */
  close(): Promise<void>
}

/** Serves what `document` says at the time; like SPIRE's, only to GET, and under one path. */
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
