import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { heard } from '../bench/childProcess.ts'
import type { Program } from '../bench/program.ts'
import type { Tally } from './clients/connections.ts'
import { clientAttacks } from './clients/clientAttacks.ts'
import type { Cluster, Listing } from './cluster.ts'

export interface AttackOptions {
  readonly program: Program
  readonly cluster: Cluster
  /** How long the attack lasts. */
  readonly attackMs: number
}

/** Something that is done to svidwatch for a while. */
export interface Attack {
  readonly name: string
  /** Its share of the time of a run, in relation to the others. */
  readonly share: number
  begin(on: AttackOptions): Promise<UnderWay>
}

/** An attack under way. */
export interface UnderWay {
  /** Ends it. Resolves with what was done, in words. */
  end(): Promise<string>
}

/** Nobody attacks: what a scrape and a probe take on this machine. */
const noAttack: Attack = {
  name: 'none',
  share: 1,
  begin: () => Promise.resolve({ end: () => Promise.resolve('') }),
}

/** The attacks of clients, who run in a process of their own. */
const fromClients: readonly Attack[] = Object.keys(clientAttacks).map((name) => ({
  name,
  share: 1,
  begin: ({ program }) => startAttacker(name, program),
}))

/** A list of some thousand objects takes less. */
const leastListMs = 3000

/** The attacks of a tenant who creates large objects, while the API server makes svidwatch list again and again. */
const fromTenant: readonly Attack[] = (['stream', 'pages'] satisfies Listing[]).map((listing) => ({
  name: `large objects, listed ${listing === 'stream' ? 'as a stream' : 'in pages'}`,
  // A list begins seconds after the watch before it has broken.
  share: 4,
  begin: ({ cluster, attackMs }) => {
    cluster.beginLargeObjects({ listing, listEveryMs: Math.max(attackMs / 4, leastListMs) })
    return Promise.resolve({ end: async () => `${await cluster.endLargeObjects()} lists` })
  },
}))

export const attacks: readonly Attack[] = [noAttack, ...fromClients, ...fromTenant]

async function startAttacker(name: string, { url, probeUrl }: Program): Promise<UnderWay> {
  const ports = [url, probeUrl].map((at) => new URL(at).port)
  const child = fork(join(import.meta.dirname, 'attackerProcess.ts'), [name, ...ports])
  const exited = once(child, 'exit')
  await heard(child)
  return {
    async end() {
      if (!child.connected) throw new Error(`the attacker has ended: ${child.exitCode ?? child.signalCode}`)
      const told = heard<Tally>(child)
      child.send('end')
      const { connections, receivedBytes } = await told
      child.disconnect()
      await exited
      if (connections === 0) throw new Error('the attacker has reached nobody')
      return `${connections} connections, ${(receivedBytes / 1e6).toFixed(1)} MB read`
    },
  }
}
