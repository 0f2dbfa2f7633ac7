import { readdir, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FolderWatch } from '../../files/folderWatch.ts'
import { isPodUid, podsFolder } from './layout.ts'

export interface PodFolders {
  /** The real path of the kubelet's root folder: the kernel tells mounts by real paths. */
  readonly kubeletRoot: string
  /** The uids of the pods that have a folder. */
  readonly uids: ReadonlySet<string>
}

/** Which pods have a folder, and a file watch that tells when others have. */
export class PodsFolder {
  readonly #path: string
  #watch: FolderWatch | undefined
  #hasChanged = true

  /** `kubeletRoot` may be a symlink, and need not be readable itself. */
  constructor(kubeletRoot: string) {
    this.#path = podsFolder(kubeletRoot)
  }

  /** Whether `read` would find what it found before: nothing has changed, and a change would have been told. */
  get isQuiet(): boolean {
    return !this.#hasChanged && this.#watch?.works === true
  }

  /** Throws where the folder cannot be read. */
  async read(): Promise<PodFolders> {
    try {
      const path = await realpath(this.#path)
      this.#rewatch(path)
      return { kubeletRoot: dirname(path), uids: new Set((await readdir(path)).filter(isPodUid)) }
    } catch (error) {
      this.#hasChanged = true
      throw error
    }
  }

  close(): void {
    this.#watch?.close()
  }

  /** The path may lead to another folder than before, of which the old watch would tell nothing. */
  #rewatch(path: string): void {
    this.close()
    this.#hasChanged = false
    this.#watch = new FolderWatch(path, undefined, () => {
      this.#hasChanged = true
    })
  }
}
