import { connect, type OnReadOpts, type Socket } from 'node:net'
import { systemClock as clock } from '../../../src/clock.ts'

/** What an attacker has done, so that nobody takes an attack for one that never took place. */
export interface Tally {
  connections: number
  receivedBytes: number
}

/** The ports of the process under attack. */
export interface Target {
  readonly port: number
  readonly probePort: number
}

/** One attack of clients. It ends when its process ends. */
export type ClientAttack = (target: Target, tally: Tally) => void

export interface KeepOpenOptions {
  readonly port: number
  readonly connections: number
  readonly tally: Tally
  /** Is called with each new connection and its number, from 0. What the server sends is read and thrown away. */
  readonly behave: (socket: Socket, index: number) => void
  /** Reads in place of the usual buffer. */
  readonly onread?: () => OnReadOpts
  /** How long the client keeps a connection. Without it, as long as the server lets it. */
  readonly keepMs?: number
}

/** A connection that the server has closed is opened again so much later. */
const againMs = 50

/** The attacker has as many addresses as a tenant with some pods, and none of them is that of the observer. */
const addresses = 8

/** How long a client that reads nothing keeps a connection: it does not notice when the server has ended it. */
export const keepUnreadMs = 5000

/** Returns the address from which the attacker opens its connection of this number. */
export const addressOf = (index: number): string => `127.0.1.${1 + (index % addresses)}`

/** Holds connections open for ever: one that ends is opened again. */
export function keepOpen(options: KeepOpenOptions): void {
  for (const index of Array(options.connections).keys()) void keepOneOpen(options, index)
}

async function keepOneOpen(options: KeepOpenOptions, index: number): Promise<never> {
  for (;;) {
    await connectionEnd(options, index)
    await clock.sleep(againMs)
  }
}

/** Opens a connection, and resolves when it has ended. */
function connectionEnd({ port, tally, behave, onread, keepMs }: KeepOpenOptions, index: number): Promise<void> {
  const socket = connect({
    ...{ port, host: '127.0.0.1', localAddress: addressOf(index) },
    ...(onread && { onread: onread() }),
  })
  socket.once('connect', () => {
    tally.connections += 1
    behave(socket, index)
    if (keepMs !== undefined) void clock.sleep(keepMs).then(() => socket.destroy())
  })
  socket.on('data', ({ length }: Buffer) => (tally.receivedBytes += length))
  // What has happened to the connection does not matter to the attacker.
  socket.on('error', () => undefined)
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

/** Returns a GET request. */
export function getOf(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}
