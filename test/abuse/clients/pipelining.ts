import { getOf, keepOpen, keepUnreadMs, type ClientAttack } from './connections.ts'

const path = '/api/v1/svids?limit=1000'

/** After the last answer the connection ends, and the next begins. */
const requestsOf = (count: number): string => getOf(path).repeat(count - 1) + getOf(path, { connection: 'close' })

/** Returns an attack by connections that send so many requests at once and then read the answers. */
export function pipelining(connections: number, requests: number): ClientAttack {
  const text = requestsOf(requests)
  return ({ port }, tally) => keepOpen({ port, connections, tally, behave: (socket) => socket.write(text) })
}

/** Returns an attack by connections that send so many requests at once and read nothing. */
export function unreadPipelining(connections: number, requests: number): ClientAttack {
  const text = requestsOf(requests)
  return ({ port }, tally) =>
    keepOpen({
      ...{ port, connections, tally, keepMs: keepUnreadMs },
      behave: (socket) => socket.pause().write(text),
    })
}
