import type { OnReadOpts } from 'node:net'
import { systemClock as clock } from '../../../src/clock.ts'
import { getOf, keepOpen, keepUnreadMs, type ClientAttack } from './connections.ts'
import { routes } from './routes.ts'

const connections = 100
/** One answer may fit into the buffers of the kernel. A server may refuse to answer many at once. */
const requestsEach = 5
const byteEveryMs = 1000

const requestsOf = (index: number): string => {
  const { path = '/', headers } = routes[index % routes.length] ?? {}
  return getOf(path, headers).repeat(requestsEach)
}

/** Clients that ask for answers on every route and read none of them. */
export const readNothing: ClientAttack = ({ port }, tally) =>
  keepOpen({
    ...{ port, connections, tally, keepMs: keepUnreadMs },
    behave: (socket, index) => socket.pause().write(requestsOf(index)),
  })

/** Clients that ask for answers on every route and read a byte each second. */
export const readSlowly: ClientAttack = ({ port }, tally) => {
  const onread = (): OnReadOpts => ({
    buffer: Buffer.alloc(1),
    callback: (length) => {
      tally.receivedBytes += length
      return false
    },
  })
  keepOpen({
    ...{ port, connections, tally, onread },
    behave: (socket, index) => {
      socket.write(requestsOf(index))
      void (async () => {
        for (; !socket.destroyed; await clock.sleep(byteEveryMs)) socket.resume()
      })()
    },
  })
}
