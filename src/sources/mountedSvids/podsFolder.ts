import { readdir, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FolderWatch } from '../../files/folderWatch.ts'
import { isPodUid, podsFolder } from './layout.ts'

/** The pods that have a folder. */
export interface PodFolders {
  /** The real path of the kubelet's root folder. The kernel's mount table has real paths. */
  readonly kubeletRoot: string
  readonly uids: ReadonlySet<string>
}

/** Reads which pods have a folder, and watches for changes. */
export class PodsFolder {
  readonly #path: string
  #watch: FolderWatch | undefined
  #hasChanged = true

  /** `kubeletRoot` may be a symlink, and need not be readable itself. */
  constructor(kubeletRoot: string) {
    this.#path = podsFolder(kubeletRoot)
  }

  /** Reports whether `read` would find the same as before: the file watch works and has seen no change. */
  get isQuiet(): boolean {
    return !this.#hasChanged && this.#watch?.works === true
  }

  /** Returns the pods that have a folder. Throws if the folder cannot be read. */
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

  /** Watches anew, because the path may lead to another folder than before. */
  #rewatch(path: string): void {
    this.close()
    this.#hasChanged = false
    this.#watch = new FolderWatch(path, undefined, () => {
      this.#hasChanged = true
    })
  }
}
