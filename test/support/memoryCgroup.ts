import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../src/errors.ts'

/** A memory cgroup of its own, as a container has. */
export interface MemoryCgroup {
  /** The file that moves a process into the cgroup when its id is written there. */
  readonly procs: string
  usage(): MemoryUsage
  /** Every process must have left it. */
  remove(): void
}

export interface MemoryUsage {
  /** The most memory that its processes and their files in the page cache had together. */
  readonly peakBytes: number
  /** How many of its processes the kernel has killed because they needed more than the limit. */
  readonly kills: number
}

/** Where a version of cgroups has its folders, and the names of its files (cgroup-v2.rst, cgroup-v1/memory.rst). */
interface Version {
  readonly root: string
  readonly limit: string
  readonly peak: string
  /** The file with a line `oom_kill COUNT`. */
  readonly events: string
}

const versions: readonly Version[] = [
  { root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak', events: 'memory.events' },
  {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    events: 'memory.oom_control',
  },
]

/** Makes a cgroup with a limit. Returns the reasons why not, where this process may make none. */
export function createMemoryCgroup(name: string, limitBytes: number): MemoryCgroup | { readonly problems: string } {
  const problems: string[] = []
  for (const version of versions) {
    try {
      return create(version, name, limitBytes)
    } catch (thrown) {
      problems.push(messageOf(thrown))
    }
  }
  return { problems: problems.join('; ') }
}

function create({ root, limit, peak, events }: Version, name: string, limitBytes: number): MemoryCgroup {
  const folder = join(root, name)
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  mkdirSync(folder)
  try {
    writeFileSync(join(folder, limit), String(limitBytes))
    read(peak)
  } catch (thrown) {
    rmdirSync(folder)
    throw thrown
  }
  return {
    procs: join(folder, 'cgroup.procs'),
    usage: () => ({ peakBytes: Number(read(peak)), kills: Number(/^oom_kill (\d+)$/m.exec(read(events))?.[1]) }),
    remove: () => rmdirSync(folder),
  }
}
