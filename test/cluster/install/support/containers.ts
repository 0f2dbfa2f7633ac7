import { readdir, readFile, stat } from 'node:fs/promises'

/** A process as the kernel sees it, whatever its pod says of it. */
export interface ContainerProcess {
  readonly pid: number
  readonly args: readonly string[]
  readonly uid: number
  /** Hexadecimal: 0000000000000000 if it has no capability. */
  readonly effectiveCapabilities: string
  readonly noNewPrivileges: boolean
  /** 2: a filter, such as the runtime's default profile. */
  readonly seccomp: number
  readonly rssKiB: number
  /** The mounts it sees, by mount point, with the options of each. */
  readonly mounts: ReadonlyMap<string, readonly string[]>
}

/** Returns the process of svidwatch in a pod on this node, which runtimes tell by its host name. */
export async function processOf(podName: string): Promise<ContainerProcess> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [environment, commandLine] = await Promise.all([read(pid, 'environ'), read(pid, 'cmdline')])
    if (!environment.split('\0').includes(`HOSTNAME=${podName}`)) continue
    const args = commandLine.split('\0').slice(0, -1)
    if (!args.includes('serve')) continue
    const status = new Map(
      (await read(pid, 'status')).split('\n').map((line) => line.split(/:\s+/, 2) as [string, string]),
    )
    const mounts = (await read(pid, 'mountinfo')).split('\n').map((line) => line.split(' '))
    return {
      pid: Number(pid),
      args,
      uid: Number(status.get('Uid')?.split('\t')[1]),
      effectiveCapabilities: status.get('CapEff') ?? '',
      noNewPrivileges: status.get('NoNewPrivs') === '1',
      seccomp: Number(status.get('Seccomp')),
      rssKiB: Number.parseInt(status.get('VmRSS') ?? '', 10),
      mounts: new Map(mounts.map(([, , , , point = '', options = '']) => [point, options.split(',')])),
    }
  }
  throw new Error(`no process of svidwatch in the pod ${podName} on this machine`)
}

/** Reports whether a process sees a path in its own file system. */
export async function sees(pid: number, path: string): Promise<boolean> {
  return stat(`/proc/${pid}/root${path}`).then(
    () => true,
    () => false,
  )
}

/** A process may end while it is looked at. */
const read = (pid: string, file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
