import { readdirSync, readFileSync } from 'node:fs'

/** What Linux says of a process (proc_pid_status(5), proc_pid_schedstat). */
export interface ProcessUsage {
  readonly rssBytes: number
  /** The most that it has ever been. */
  readonly peakRssBytes: number
  /** Of all its threads that still live. */
  readonly cpuSeconds: number
  /** How long these were ready to run while others had the processor. */
  readonly waitedSeconds: number
}

export function usageOf(pid: number): ProcessUsage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ').map(Number),
  )
  const seconds = (field: number) => threads.reduce((sum, thread) => sum + (thread[field] ?? 0), 0) / 1e9
  return {
    rssBytes: bytes('VmRSS'),
    peakRssBytes: bytes('VmHWM'),
    cpuSeconds: seconds(0),
    waitedSeconds: seconds(1),
  }
}
