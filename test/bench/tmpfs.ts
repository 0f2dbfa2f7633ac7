import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Mounts a file system in memory on a folder, as CSI drivers do with their volumes. It needs root. */
export async function mountTmpfs(folder: string): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'svidwatch-bench', folder])
}

export async function unmount(folder: string): Promise<void> {
  await run('umount', [folder])
}
