import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Program } from '../bench/program.ts'
import type { Tally } from './attacks/connections.ts'
import { attacks } from './attacks/attacks.ts'
import type { Cluster, Listing } from './cluster.ts'

/** Something that is done to svidwatch for a while. */
export interface Attack {
  readonly name: string
  /** Its share of the time of a run, in relation to the others. */
  readonly share: number
  begin(program: Program, cluster: Cluster): UnderWay
}

/** An attack under way. */
export interface UnderWay {
  /** Ends it. Resolves with what was done, in words. */
  end(): Promise<string>
}

/** Nobody attacks: what a scrape and a probe take on this machine. */
export const noAttack: Attack = { name: 'none', share: 1, begin: () => ({ end: () => Promise.resolve('') }) }

/** The attacks of clients. */
export const clientAttacks: readonly Attack[] = Object.keys(attacks).map((name) => ({
  name,
  share: 1,
  begin: (program) => startAttacker(name, program),
}))

/** The attacks of a tenant who creates large objects, while the API server makes svidwatch list again and again. */
export const objectAttacks: readonly Attack[] = (['stream', 'pages'] satisfies Listing[]).map((listing) => ({
  name: `large objects, listed ${listing === 'stream' ? 'as a stream' : 'in pages'}`,
  // A list begins seconds after the watch before it has broken.
  share: 4,
  begin: (_program, cluster) => {
    cluster.beginLargeObjects(listing)
    return { end: async () => `${await cluster.endLargeObjects()} lists` }
  },
}))

function startAttacker(name: string, { url, probeUrl }: Program): UnderWay {
  const ports = [url, probeUrl].map((at) => new URL(at).port)
  const child = fork(join(import.meta.dirname, 'attackerProcess.ts'), [name, ...ports])
  return {
    async end() {
      const told = once(child, 'message')
      child.send('tally')
      const [{ connections, receivedBytes }] = (await told) as [Tally]
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
      return `${connections} connections, ${(receivedBytes / 1e6).toFixed(1)} MB read`
    },
  }
}
