/**
 * Clients that attack a process, in a process of their own with the lowest priority: `attackerProcess.ts NAME PORT PROBE_PORT`.
 * It sends a tally once it has begun, and another one when it is told anything. It ends when whoever has forked it disconnects.
 */
import { constants, setPriority } from 'node:os'
import { clientAttacks } from './clients/clientAttacks.ts'
import type { Tally } from './clients/connections.ts'

const [name = '', port, probePort] = process.argv.slice(2)
const attack = clientAttacks[name]
if (attack === undefined) throw new Error(`there is no attack "${name}"`)

setPriority(constants.priority.PRIORITY_LOW)
const tally: Tally = { connections: 0, receivedBytes: 0 }
const tell = () => process.send?.(tally)
process.on('message', tell)
process.on('disconnect', () => process.exit())
attack({ port: Number(port), probePort: Number(probePort) }, tally)
tell()
