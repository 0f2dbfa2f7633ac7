import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Connection } from './networkPolicies.ts'

/** The new connections that the node's kernel tracks, between pods and from and to them. */
export class Connections implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #seen = new Map<string, Connection>()

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(): Promise<Connections> {
    const child = spawn('conntrack', ['-E', '-e', 'NEW'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const connections = new Connections(child)
    createInterface({ input: child.stdout }).on('line', (line) => connections.#take(line))
    await once(child, 'spawn')
    return connections
  }

  /** Returns each connection from or to one of these addresses that was seen until now, once. */
  with(addresses: readonly string[]): readonly Connection[] {
    if (this.#child.exitCode !== null) throw new Error(`conntrack has ended with ${this.#child.exitCode}`)
    return [...this.#seen.values()].filter(({ from, to }) => addresses.includes(from) || addresses.includes(to))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.kill()
    await once(this.#child, 'exit')
  }

  #take(line: string): void {
    const connection = connectionIn(line)
    if (connection !== undefined) this.#seen.set(JSON.stringify(connection), connection)
  }
}

/**
 * Returns the connection that a line of `conntrack -E` tells of. The source of the expected answer is the peer itself, also where
 * the connection was made to the address of a Service.
 */
export function connectionIn(line: string): Connection | undefined {
  const [, protocol = '', from = '', rest = ''] = /\[NEW\] (tcp|udp|sctp) .*?src=(\S+)(.*)/.exec(line) ?? []
  const [, to, port] = /src=(\S+) dst=\S+ sport=(\d+)/.exec(rest) ?? []
  if (to === undefined) return undefined
  return { from, to, port: Number(port), protocol: protocol.toUpperCase() as Connection['protocol'] }
}
