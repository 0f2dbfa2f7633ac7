import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../src/clock.ts'
import type { Role } from '../../src/role.ts'
import { shippedContainer } from '../support/shippedContainer.ts'

/** svidwatch as its users run it, a process of its own. */
export interface Program {
  readonly process: ChildProcess
  readonly pid: number
  readonly url: string
  readonly probeUrl: string
  /** When the process was started. */
  readonly startedMs: number
  /** Resolves when /readyz says so. */
  ready(): Promise<void>
  stop(): Promise<void>
}

export interface ProgramOptions {
  readonly clock: Clock
  readonly role: Role
  /** Ports and log are added. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly profileInto?: string | undefined
  /** A module of this folder that the process loads first; it can be spoken to by messages. */
  readonly preload?: string
  /** The file `cgroup.procs` of the cgroup in which the process starts. */
  readonly cgroupProcs?: string | undefined
  /** How V8 is bounded; as the role's manifest does it if left out. */
  readonly v8Flags?: readonly string[]
}

const root = join(import.meta.dirname, '../..')
const bundle = join(root, 'dist/main.js')

/** What of svidwatch is run: the bundle for production where it has been built. */
export const programFile = existsSync(bundle) ? bundle : join(root, 'src/cli/main.ts')

/** The environment that the image and the role's manifest set, but for the PATH, which is that of the image's own files. */
export function shippedEnvironment(role: Role): Readonly<Record<string, string>> {
  const file = readFileSync(join(root, 'Dockerfile'), 'utf8')
  const image = Array.from(file.matchAll(/^ENV (?!PATH=)(\w+)=(\S+)$/gm), ([, name = '', value = '']) => [name, value])
  const manifest = role === 'standalone' ? [] : (shippedContainer(role).env ?? [])
  const constants = manifest.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))
  return Object.fromEntries([...image, ...constants]) as Readonly<Record<string, string>>
}

/** How the manifests bound V8, and the image for the standalone role. */
function shippedV8Flags(role: Role): readonly string[] {
  const command =
    role === 'standalone' ? readFileSync(join(root, 'Dockerfile'), 'utf8') : shippedContainer(role).command.join(' ')
  return command.match(/--max-(semi|old)-space-size(-percentage)?=\d+/g) ?? []
}

/** Starts `svidwatch serve`. What it complains of goes to stderr. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { clock, role, settings, profileInto, preload, v8Flags = shippedV8Flags(role) } = options
  const folder = mkdtempSync(join(tmpdir(), 'svidwatch-bench-'))
  const [port, probePort] = await freePorts()
  const file = join(folder, 'settings.yaml')
  const server = { address: '127.0.0.1', port, probePort }
  const readiness = { deadline: '10m' }
  writeFileSync(file, JSON.stringify({ server, readiness, log: { level: 'warn', format: 'json' }, ...settings }))
  const profiling = profileInto === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileInto}`]
  const preloading = preload === undefined ? [] : ['--import', join(import.meta.dirname, preload)]
  const args = [...v8Flags, ...profiling, ...preloading, programFile, 'serve', '--role', role, '--config', file]
  const startedMs = clock.now()
  const [command, ...commandArgs] = inCgroup(options.cgroupProcs, [process.execPath, ...args])
  const child = spawn(command, commandArgs, {
    env: { ...process.env, ...shippedEnvironment(role) },
    stdio: ['ignore', 2, 2, ...(preload === undefined ? [] : (['ipc'] as const))],
  })
  const exited = once(child, 'exit')
  return {
    process: child,
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    probeUrl: `http://127.0.0.1:${probePort}`,
    startedMs,
    ready: async () => {
      const probe = () => fetch(`http://127.0.0.1:${probePort}/readyz`).catch(() => undefined)
      while ((await probe())?.status !== 200) {
        if (child.exitCode !== null) throw new Error(`svidwatch has ended with ${child.exitCode}`)
        await clock.sleep(10)
      }
    },
    stop: async () => {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true })
    },
  }
}

/** Returns a command that moves itself into a cgroup before it becomes `command`, so that Node sees the limits at its start. */
function inCgroup(procs: string | undefined, command: [string, ...string[]]): [string, ...string[]] {
  return procs === undefined ? command : ['sh', '-c', 'echo $$ >"$0" && exec "$@"', procs, ...command]
}

async function freePorts(): Promise<readonly [number, number]> {
  const servers = await Promise.all([listening(), listening()])
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) server.close()
  return [ports[0] ?? 0, ports[1] ?? 0]
}

async function listening() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
