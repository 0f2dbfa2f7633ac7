import type { Socket } from 'node:net'
import { getOf, keepOpen, type ClientAttack } from './connections.ts'

const connections = { main: 200, probes: 400 }

/** The head of a request that never ends. */
const half = 'GET /metrics HTTP/1.1\r\nhost: localhost\r\nx-never-'

const onBoth =
  (behave: (socket: Socket) => void): ClientAttack =>
  ({ port, probePort }, tally) => {
    keepOpen({ port, connections: connections.main, tally, behave })
    keepOpen({ port: probePort, connections: connections.probes, tally, behave })
  }

/** Clients that connect and say nothing. */
export const saySilent: ClientAttack = onBoth(() => undefined)

/** Clients that ask for something small, and then keep the connection. */
export const keepAlive: ClientAttack = onBoth((socket) => socket.write(getOf('/')))

/** Clients that never finish the head of their request. */
export const halfHeads: ClientAttack = onBoth((socket) => socket.write(half))
