import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock as clock } from '../../src/clock.ts'
import type { Role } from '../../src/role.ts'
import { freePort } from '../support/freePort.ts'
import { shippedContainer } from '../support/shippedContainer.ts'

const root = join(import.meta.dirname, '../..')
const main = join(root, 'src/cli/main.ts')

export interface ServedProgramOptions {
  readonly role: Role
  /** Ports are added. */
  readonly settings: Readonly<Record<string, unknown>>
  /** A folder for the settings. */
  readonly folder: string
  /** Runs it as the first process of a container, which no signal of its own can end. */
  readonly isFirst?: boolean
}

/** `svidwatch serve` in a process of its own; a node role with the permissions that its manifest gives. */
export class ServedProgram {
  readonly url: string
  readonly #probeUrl: string
  readonly #child: ChildProcess
  readonly #isFirst: boolean

  private constructor(child: ChildProcess, ports: readonly [number, number], isFirst: boolean) {
    this.#child = child
    this.url = `http://127.0.0.1:${ports[0]}`
    this.#probeUrl = `http://127.0.0.1:${ports[1]}`
    this.#isFirst = isFirst
  }

  static async start({ role, settings, folder, isFirst = false }: ServedProgramOptions): Promise<ServedProgram> {
    const config = join(folder, 'svidwatch.yaml')
    const ports = [await freePort(), await freePort()] as const
    const server = { address: '127.0.0.1', port: ports[0], probePort: ports[1] }
    await writeFile(config, JSON.stringify({ ...settings, server }))
    const flags = role === 'node' ? permissions(folder) : []
    const command = [process.execPath, ...flags, main, 'serve', '--role', role, '--config', config]
    const [program = '', ...args] = isFirst ? ['unshare', '--pid', '--fork', '--kill-child', ...command] : command
    // The first process of a container ends with a stack trace.
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', isFirst ? 'ignore' : 'inherit'] })
    return new ServedProgram(child, ports, isFirst)
  }

  /** The status of /readyz; undefined while nobody answers. */
  async readiness(): Promise<number | undefined> {
    const answer = await fetch(`${this.#probeUrl}/readyz`).catch(() => undefined)
    return answer?.status
  }

  /** The metrics, which must come within 2 s. */
  async metrics(): Promise<string> {
    // eslint-disable-next-line no-restricted-properties -- a real process is asked
    const answer = await fetch(`${this.url}/metrics`, { signal: AbortSignal.timeout(2_000) })
    return answer.text()
  }

  /** Asks the program to end; resolves with how long that took, in ms. */
  async stop(): Promise<number> {
    const exited = once(this.#child, 'exit')
    const sinceMs = clock.monotonicMs()
    process.kill(this.#pid, 'SIGTERM')
    await exited
    return clock.monotonicMs() - sinceMs
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  get #pid(): number {
    const pid = this.#child.pid ?? 0
    return this.#isFirst ? Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) : pid
  }
}

/** The flags of the node role's manifest; the paths are those of this machine. */
function permissions(folder: string): readonly string[] {
  const { command } = shippedContainer('node')
  const paths: Readonly<Record<string, string>> = {
    '/svidwatch/': `${root}/`,
    '/etc/svidwatch/': `${folder}/`,
    '/var/lib/kubelet/pods/': `${folder}/`,
  }
  const read = '--allow-fs-read='
  return command.flatMap((flag) => {
    if (!flag.startsWith('--')) return []
    const path = flag.startsWith(read) ? paths[flag.slice(read.length)] : undefined
    return path === undefined ? [flag] : [`${read}${path}`]
  })
}
