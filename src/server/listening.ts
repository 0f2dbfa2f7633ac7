import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import { messageOf, SvidwatchError } from '../errors.ts'

/** An HTTP server that listens on its port. */
export interface Listener {
  /** The URL at which this machine reaches the server, such as `http://127.0.0.1:9797`. */
  readonly url: string
  /** Refuses new requests, waits half a second for those in progress, then closes all connections. */
  close(): Promise<void>
}

export interface ListenOptions {
  readonly address: string
  readonly port: number
  /** The setting that has the port, for error messages. */
  readonly setting: string
  readonly clock: Clock
}

const closeGraceMs = 500

/** What to do about a port that cannot be opened, by the system's error code. */
const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use: stop the program that uses it, or set another port',
  EACCES: 'this user may not listen on the port: set a port from 1024 upwards',
  EADDRNOTAVAIL: 'this machine has no such address: set another server.address',
}

/** Starts to listen. Throws a `SvidwatchError` with code `cannot_listen` if that fails. */
export async function listen(http: FastifyInstance, options: ListenOptions): Promise<Listener> {
  const { address, port, setting, clock } = options
  try {
    await http.listen({ host: address, port })
  } catch (error) {
    await http.close()
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const message = `cannot listen on ${hostAndPort(address, port)} (${setting}): ${remedies[code] ?? messageOf(error)}`
    throw new SvidwatchError('cannot_listen', message, { cause: error })
  }
  return { url: `http://${reachableAt(http.server.address())}`, close: () => close(http, clock) }
}

async function close(http: FastifyInstance, clock: Clock): Promise<void> {
  const closed = new AbortController()
  const closing = http.close().finally(() => closed.abort())
  await clock.sleep(closeGraceMs, closed.signal)
  http.server.closeAllConnections()
  await closing
}

function reachableAt(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('a server that listens on a port has an address')
  const loopback: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  return hostAndPort(loopback[address.address] ?? address.address, address.port)
}

function hostAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
