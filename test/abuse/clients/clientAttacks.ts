import type { ClientAttack } from './connections.ts'
import { loopsOver } from './loops.ts'
import { pipelining, unreadPipelining } from './pipelining.ts'
import { routes } from './routes.ts'
import { readNothing, readSlowly } from './slowReaders.ts'
import { halfHeads, keepAlive, saySilent } from './silence.ts'

const loops = routes.map((route) => [`60 clients of ${route.name}`, loopsOver(route, 'port')] as const)
const probes = ['/healthz', '/readyz'].map(
  (path) => [`60 clients of ${path}`, loopsOver({ path }, 'probePort')] as const,
)

/** The attacks of clients, by name. */
export const clientAttacks: Readonly<Record<string, ClientAttack>> = {
  '1,000 pipelined requests': pipelining(1, 1000),
  '60 times 1,000 pipelined requests': pipelining(60, 1000),
  '60 times 1,000 pipelined requests, answers unread': unreadPipelining(60, 1000),
  '150 times 5 pipelined requests': pipelining(150, 5),
  '150 times 5 pipelined requests, answers unread': unreadPipelining(150, 5),
  '100 clients that read nothing': readNothing,
  '100 clients that read a byte a second': readSlowly,
  'silent connections': saySilent,
  'connections kept after a request': keepAlive,
  'half-sent requests': halfHeads,
  ...Object.fromEntries([...loops, ...probes]),
}
