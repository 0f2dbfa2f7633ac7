import { readdir, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NoAnswer, type FileCalls } from '../../files/fileCalls.ts'
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
  readonly #files: FileCalls
  #watch: FolderWatch | undefined
  #hasChanged = true
  #isClosed = false

  /** `kubeletRoot` may be a symlink, and need not be readable itself. */
  constructor(kubeletRoot: string, files: FileCalls) {
    this.#path = podsFolder(kubeletRoot)
    this.#files = files
  }

  /** Reports whether `read` would find the same as before: the file watch works and has seen no change. */
  get isQuiet(): boolean {
    return !this.#hasChanged && this.#watch?.works === true
  }

  /** Returns the pods that have a folder, or that the folder does not answer. Throws if it cannot be read. */
  async read(): Promise<PodFolders | NoAnswer> {
    const readAgain = () => {
      this.#hasChanged = true
    }
    try {
      const found = await this.#files.run(this.#path, () => this.#read(), readAgain)
      if (found instanceof NoAnswer) readAgain()
      return found
    } catch (error) {
      readAgain()
      throw error
    }
  }

  close(): void {
    this.#isClosed = true
    this.#watch?.close()
  }

  async #read(): Promise<PodFolders> {
    const path = await realpath(this.#path)
    await this.#rewatch(path)
    return { kubeletRoot: dirname(path), uids: new Set((await readdir(path)).filter(isPodUid)) }
  }

  /** Watches anew, because the path may lead to another folder than before. */
  async #rewatch(path: string): Promise<void> {
    this.#hasChanged = false
    const watch = await FolderWatch.of(path, undefined, () => {
      this.#hasChanged = true
    })
    this.#watch?.close()
    this.#watch = watch
    if (this.#isClosed) watch.close()
  }
}
