import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getuid, platform } from 'node:process'

const device = '/dev/fuse'
const connections = '/sys/fs/fuse/connections'

/** Reports whether this machine lets the tests mount a FUSE file system. A container may have the device, and not the right. */
export const canMountFuse = platform === 'linux' && getuid?.() === 0 && existsSync(device) && mayMount()

function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'svidwatch-fuse-'))
  try {
    const fuse = openSync(device, 'r+')
    try {
      mount(folder, fuse, 'ignore')
      execFileSync('umount', ['--lazy', folder])
      return true
    } finally {
      closeSync(fuse)
    }
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
}

/** Mounts a file system whose requests arrive at the file descriptor `fuse`. */
function mount(folder: string, fuse: number, errors: 'inherit' | 'ignore'): void {
  const options = 'fd=3,rootmode=40755,user_id=0,group_id=0,allow_other'
  execFileSync('mount', ['-i', '-t', 'fuse', '-o', options, 'svidwatch-test', folder], {
    stdio: ['ignore', 'ignore', errors, fuse],
  })
}

const serverProgram = join(import.meta.dirname, 'server.ts')

/** A mount of a FUSE file system that shows another folder, and that can be made to answer no more. */
export class FuseMount {
  readonly #folders: string[]
  readonly #connection: string
  readonly #server: ChildProcess

  private constructor(folder: string, connection: string, server: ChildProcess) {
    this.#folders = [folder]
    this.#connection = connection
    this.#server = server
  }

  /** Shows in `folder` what is in `source`. The server ends with this process, however that ends. */
  static create(folder: string, source: string): FuseMount {
    const fuse = openSync(device, 'r+')
    try {
      mount(folder, fuse, 'inherit')
      const server = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, serverProgram, source], {
        stdio: ['ignore', 'ignore', 'inherit', fuse],
      })
      return new FuseMount(folder, connectionOf(folder), server)
    } finally {
      closeSync(fuse)
    }
  }

  /** Shows the same in another folder, in a mount of its own. */
  bind(folder: string): void {
    execFileSync('mount', ['--bind', this.#folders[0] ?? '', folder])
    this.#folders.push(folder)
  }

  /** The number of requests that wait for an answer; undefined if this machine does not tell. */
  get waiting(): number | undefined {
    const path = join(connections, this.#connection, 'waiting')
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined
  }

  /** From now on, the file system does not answer. */
  stop(): void {
    this.#server.kill('SIGSTOP')
  }

  /** Answers what was asked meanwhile, and everything from now on. */
  resume(): void {
    this.#server.kill('SIGCONT')
  }

  /** Ends all calls that still wait, with an error, and unmounts the folders. */
  async close(): Promise<void> {
    const exited = once(this.#server, 'exit')
    this.#server.kill('SIGKILL')
    const abort = join(connections, this.#connection, 'abort')
    if (existsSync(abort)) writeFileSync(abort, '1')
    await exited
    for (const folder of this.#folders.reverse()) execFileSync('umount', ['--lazy', folder])
  }
}

/** Returns the number of the connection of a mount: the minor number of its device. */
function connectionOf(folder: string): string {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  const [, , device = ''] = mounts.findLast((line) => line.split(' ')[4] === folder)?.split(' ') ?? []
  return device.split(':')[1] ?? ''
}
