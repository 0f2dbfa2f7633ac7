import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { onTestFinished } from 'vitest'
import type { Issued } from '../../../support/testCa.ts'

/** Where a server of a test listens. */
export interface TestServer {
  readonly host: string
  readonly port: number
  /** Reports whether the server was reached and does nothing more. */
  readonly isStalled: () => boolean
}

export type OnSocket = (socket: net.Socket, stalled: () => void) => void

/** Starts a server that calls `onSocket` for each TCP connection. It is closed after the test. */
export function tcpServer(onSocket: OnSocket, host = '127.0.0.1'): Promise<TestServer> {
  return started((stalled) => net.createServer((socket) => onSocket(socket, stalled)), host)
}

/** Starts a TLS server with a certificate and the chain behind it. It closes its side when the client does. */
export function tlsServer(
  { certificatePem, keyPem }: Pick<Issued, 'certificatePem' | 'keyPem'>,
  options: tls.TlsOptions = {},
  host = '127.0.0.1',
): Promise<TestServer> {
  const server = tls.createServer({ cert: certificatePem, key: keyPem, ...options }, (socket) => {
    socket.on('error', () => undefined).resume()
  })
  return started(() => server, host)
}

/** Starts a relay to a server, which resets the connection once the server has sent `bytes`, of which the client gets all. */
export function resettingRelay(to: TestServer, bytes: number): Promise<TestServer> {
  return tcpServer((client) => {
    const server = net.connect(to.port, to.host)
    let left = bytes
    server.on('error', () => undefined)
    client.on('data', (data) => server.write(data))
    client.on('close', () => server.destroy())
    server.on('data', (data) => {
      client.write(data.subarray(0, left), () => left <= 0 && client.resetAndDestroy())
      left -= data.length
    })
  })
}

async function started(create: (stalled: () => void) => net.Server, host: string): Promise<TestServer> {
  let isStalled = false
  const sockets = new Set<net.Socket>()
  const server = create(() => (isStalled = true))
  server.on('connection', (socket: net.Socket) => sockets.add(socket.on('error', () => undefined)))
  server.listen(0, host)
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as net.AddressInfo
  return { host, port, isStalled: () => isStalled }
}

/** Returns a TLS record of the given type (RFC 8446 section 5.1). */
export function record(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 3, 3, content.length >> 8, content.length & 255]), content])
}
