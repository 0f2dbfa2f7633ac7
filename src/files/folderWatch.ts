import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { statfs } from 'node:fs/promises'

/** Watches a folder for changes of its files, as long as the operating system can provide a watch. */
export class FolderWatch {
  #watcher: FSWatcher | undefined

  private constructor(watcher: FSWatcher | undefined) {
    this.#watcher = watcher
    this.#watcher?.on('error', () => this.close())
  }

  /** Watches `folder`. `names` are the files to watch; undefined watches all of them. */
  static async of(folder: string, names: readonly string[] | undefined, onChange: () => void): Promise<FolderWatch> {
    if (!(await isLocal(folder))) return new FolderWatch(undefined)
    try {
      const watcher = watch(folder, (_event, name) => {
        if (names === undefined || name === null || names.includes(name)) onChange()
      })
      return new FolderWatch(watcher)
    } catch {
      return new FolderWatch(undefined)
    }
  }

  /**
   * Reports whether the folder is watched. It is not if it does not exist, if the inotify limits of the system are reached, or if
   * its file system is not known to be local.
   */
  get works(): boolean {
    return this.#watcher !== undefined
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}

/** The file systems that the kernel itself keeps, by their numbers in statfs(2). */
const localFileSystems = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0x2fc12fc1, // zfs
  0xf2f52010, // f2fs
  0xca451a4e, // bcachefs
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs
])

/**
 * Reports whether a folder's files are kept by the kernel. If a server keeps them (NFS, FUSE), the kernel does not see what others
 * change there; and it may ask the server when a watch is added, which Node.js does on its only thread for JavaScript.
 */
async function isLocal(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const found = await statfs(folder).catch(() => undefined)
  return found !== undefined && localFileSystems.has(found.type)
}
