import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { onTestFinished } from 'vitest'
import type { Issued } from './testCa.ts'

/** A server on 127.0.0.1, closed after the test. */
export interface BundleServer {
  readonly url: string
  /** Reports whether the server was reached and does nothing more. */
  readonly isStalled: () => boolean
}

type OnSocket = (socket: net.Socket, stalled: () => void) => void
type Credentials = Pick<Issued, 'certificatePem' | 'keyPem'>

/** Starts a server that calls `onSocket` for each TCP connection. */
export function tcpServer(onSocket: OnSocket): Promise<BundleServer> {
  return started((stalled) => net.createServer((socket) => onSocket(withoutErrors(socket), stalled)))
}

/** Starts a server that calls `onSocket` after each TLS handshake. */
export function tlsServer(
  credentials: Credentials,
  onSocket: OnSocket,
  options: tls.TlsOptions = {},
): Promise<BundleServer> {
  return started((stalled) =>
    tls.createServer({ ...optionsOf(credentials), ...options }, (socket) => onSocket(withoutErrors(socket), stalled)),
  )
}

/** A server whose certificate can change between two connections. */
export interface HttpsServer extends BundleServer {
  readonly present: (credentials: Credentials) => void
}

export async function httpsServer(
  credentials: Credentials,
  answer: RequestListener,
  options: tls.TlsOptions = {},
): Promise<HttpsServer> {
  const server = https.createServer({ ...optionsOf(credentials), ...options }, answer)
  return { ...(await started(() => server)), present: (next) => server.setSecureContext(optionsOf(next)) }
}

function optionsOf({ certificatePem, keyPem }: Credentials): tls.TlsOptions {
  return { cert: certificatePem, key: keyPem, ALPNProtocols: ['http/1.1'] }
}

async function started(create: (stalled: () => void) => net.Server): Promise<BundleServer> {
  let isStalled = false
  const stalled = () => {
    isStalled = true
  }
  const sockets = new Set<net.Socket>()
  const server = create(stalled)
  server.on('connection', (socket: net.Socket) => sockets.add(withoutErrors(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as net.AddressInfo
  return { url: `https://127.0.0.1:${port}/`, isStalled: () => isStalled }
}

/** Ignores errors of a socket, because clients may disconnect at any time. */
function withoutErrors(socket: net.Socket): net.Socket {
  return socket.on('error', () => undefined)
}
