import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Role } from '../../src/role.ts'
import { eventually } from './eventually.ts'
import type { LogLine } from './runningApp.ts'

/** The first line of a program's log. */
interface StartLine extends LogLine {
  readonly url: string
  readonly addresses: readonly string[]
  readonly probe_addresses: readonly string[]
}

export interface SpawnOptions {
  readonly role: Role
  /** Free ports are added. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** The file to run; by default the sources. */
  readonly main?: string
  /** Flags of Node. */
  readonly flags?: readonly string[]
  /** A command that runs the command behind it. */
  readonly wrapper?: readonly string[]
  /** The folder for the settings; by default a new one. */
  readonly folder?: string
  /** Runs the program as this user, which needs root. */
  readonly uid?: number
  readonly env?: NodeJS.ProcessEnv
}

const sources = join(import.meta.dirname, '../../src/cli/main.ts')

/** Creates a folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-program-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Starts `svidwatch serve` in a process of its own, which ends after the test. Resolves once the program listens. */
export async function spawnProgram(options: SpawnOptions) {
  const { role, settings = {}, main = sources, flags = [], wrapper = [], uid, env = {} } = options
  const folder = options.folder ?? (await temporaryFolder())
  const config = join(folder, `${role}.yaml`)
  if (uid !== undefined) await chmod(folder, 0o755)
  await writeFile(config, JSON.stringify({ server: { port: 0, probePort: 0 }, log: { format: 'json' }, ...settings }))
  const serve = [process.execPath, ...flags, main, 'serve', '--role', role, '--config', config]
  const [command = '', ...args] = [...wrapper, ...serve]
  const child = spawn(command, args, {
    env: { ...process.env, NODE_NAME: 'node-1', KUBECONFIG: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  })
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  let [log, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const lines = () =>
    log
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine)
  const started = await eventually(() => {
    const line = lines().find(({ event }) => event === 'started')
    if (line !== undefined) return line as StartLine
    if (child.exitCode === null) throw new Error(`it has not started: ${log}${errors}`)
    return undefined
  })
  if (started === undefined) throw new Error(`it has ended: ${log}${errors}`)
  return {
    ...started,
    child,
    /** Resolves with the exit code or the signal that has ended the program. */
    ended,
    lines,
    /** What the program has written to standard error. */
    errors: () => errors,
    metrics: async () => (await fetch(`${started.url}/metrics`)).text(),
    /** Sends a signal, and resolves as `ended` does. */
    stop: async (signal: NodeJS.Signals = 'SIGTERM') => {
      child.kill(signal)
      return ended
    },
  }
}
