/**
 * Clients that attack a process, in a process of their own with the lowest priority: `attackerProcess.ts NAME PORT PROBE_PORT`.
 * Told anything, it sends its tally. It ends with the process that has forked it, or when that disconnects.
 */
import { constants, setPriority } from 'node:os'
import { attacks } from './attacks/attacks.ts'
import type { Tally } from './attacks/connections.ts'

const [name = '', port, probePort] = process.argv.slice(2)
const attack = attacks[name]
if (attack === undefined) throw new Error(`there is no attack "${name}"`)

setPriority(constants.priority.PRIORITY_LOW)
const tally: Tally = { connections: 0, receivedBytes: 0 }
process.on('message', () => process.send?.(tally))
process.on('disconnect', () => process.exit())
attack({ port: Number(port), probePort: Number(probePort) }, tally)
