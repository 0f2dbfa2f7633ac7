import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import { messageOf, SvidwatchError } from '../errors.ts'

/** One HTTP server at its port. */
export interface Listener {
  /** `http://127.0.0.1:9797`: where this machine reaches it. */
  readonly url: string
  /** Refuses new requests, waits shortly for those under way, then cuts what is left. */
  close(): Promise<void>
}

export interface ListenOptions {
  readonly address: string
  readonly port: number
  /** The setting that the port comes from, for messages. */
  readonly setting: string
  readonly clock: Clock
}

const closeGraceMs = 500

/** What to do about a port that cannot be had, by the system's error code. */
const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken: stop the program that has it, or set another',
  EACCES: 'this user may not listen on it: set a port from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address: set another server.address',
}

/** Begins to listen. Throws a `SvidwatchError` with code `cannot_listen` where that fails. */
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
  return { url: `http://${reachable(http.server.address())}`, close: () => close(http, clock) }
}

async function close(http: FastifyInstance, clock: Clock): Promise<void> {
  const closed = new AbortController()
  const closing = http.close().finally(() => closed.abort())
  await clock.sleep(closeGraceMs, closed.signal)
  http.server.closeAllConnections()
  await closing
}

function reachable(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('a server that listens on a port has an address')
  const loopback: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  return hostAndPort(loopback[address.address] ?? address.address, address.port)
}

function hostAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
