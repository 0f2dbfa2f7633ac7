import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import { messageOf, SvidwatchError } from '../errors.ts'

/**
 * Where a server listens: on an IP address, on any address of the machine (`any`), or on those that only this machine reaches
 * (`loopback`). The last two are of both families, as far as the machine has them.
 */
export type ListenOn = string

/** An HTTP server that listens on its port. */
export interface Listener {
  /** The URL at which this machine reaches the server, such as `http://127.0.0.1:9797`. */
  readonly url: string
  /** The addresses and ports that the server listens on, such as `[::]:9797`. */
  readonly addresses: readonly string[]
  /** Refuses new requests, waits half a second for those in progress, then closes all connections. */
  close(): Promise<void>
}

export interface ListenOptions {
  /** The IP addresses to listen on: all of them that the machine has, or only the first of these. */
  readonly addresses: readonly string[]
  readonly onAll?: boolean
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

/** Returns the addresses for `listen`. A socket on `::` takes connections of both families. */
export function addressesOf(where: ListenOn): Pick<ListenOptions, 'addresses' | 'onAll'> {
  if (where === 'any') return { addresses: ['::', '0.0.0.0'] }
  return where === 'loopback' ? { addresses: ['127.0.0.1', '::1'], onAll: true } : { addresses: [where] }
}

/** Starts to listen. Throws a `SvidwatchError` with code `cannot_listen` if that fails. */
export async function listen(http: FastifyInstance, options: ListenOptions): Promise<Listener> {
  const { addresses, onAll = false, port, clock } = options
  const first = await listenOnFirst(http, addresses, options)
  const { address, port: chosenPort } = first
  const others: Server[] = []
  for (const other of onAll ? addresses.slice(addresses.indexOf(address) + 1) : []) {
    const server = await listenAlso(http.server, other, chosenPort).catch((error: unknown) => {
      // A free port of one family need not be free in the other.
      if (isUnavailable(error) || port === 0) return undefined
      return failed(http, options, other, error)
    })
    if (server !== undefined) others.push(server)
  }
  const opened = [first, ...others.map((server) => server.address() as AddressInfo)]
  return {
    url: `http://${reachableAt(address, chosenPort)}`,
    addresses: opened.map((one) => hostAndPort(one.address, one.port)),
    close: () => close(http, others, clock),
  }
}

/** Listens on the first address that the machine has, and returns it. */
async function listenOnFirst(
  http: FastifyInstance,
  addresses: readonly string[],
  options: ListenOptions,
): Promise<AddressInfo> {
  const [address = '', ...others] = addresses
  try {
    await http.listen({ host: address, port: options.port })
  } catch (error) {
    if (others.length > 0 && isUnavailable(error)) return listenOnFirst(http, others, options)
    await failed(http, options, address, error)
  }
  return http.server.address() as AddressInfo
}

/** Takes connections for an HTTP server on another address. Throws the error of node:net. */
async function listenAlso(http: HttpServer, address: string, port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void http.emit('connection', socket))
  server.listen(port, address)
  await once(server, 'listening')
  return server
}

async function failed(
  http: FastifyInstance,
  { port, setting }: ListenOptions,
  address: string,
  error: unknown,
): Promise<never> {
  await http.close()
  const message = `cannot listen on ${hostAndPort(address, port)} (${setting}): ${remedies[codeOf(error)] ?? messageOf(error)}`
  throw new SvidwatchError('cannot_listen', message, { cause: error })
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

/** Reports whether the machine does not have the address, or nothing of its family. */
const isUnavailable = (error: unknown): boolean => ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error))

async function close(http: FastifyInstance, others: readonly Server[], clock: Clock): Promise<void> {
  const closed = new AbortController()
  const ended = others.map((server) => new Promise((resolve) => server.close(resolve)))
  const closing = Promise.all([http.close(), ...ended]).finally(() => closed.abort())
  await clock.sleep(closeGraceMs, closed.signal)
  http.server.closeAllConnections()
  await closing
}

function reachableAt(address: string, port: number): string {
  const isAny = address === '::' || address === '0.0.0.0'
  return hostAndPort(isAny ? '127.0.0.1' : address, port)
}

function hostAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
