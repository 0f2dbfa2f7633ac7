import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'

/** Watches a folder for changes of its files, as long as the operating system can provide a watch. */
export class FolderWatch {
  #watcher: FSWatcher | undefined

  /** `names` are the files to watch; undefined watches all of them. */
  constructor(folder: string, names: readonly string[] | undefined, onChange: () => void) {
    try {
      this.#watcher = watch(folder, (_event, name) => {
        if (names === undefined || name === null || names.includes(name)) onChange()
      })
      this.#watcher.on('error', () => this.close())
    } catch {
      this.#watcher = undefined
    }
  }

  /** Reports whether the folder is watched. It is not if it does not exist or the inotify limits of the system are reached. */
  get works(): boolean {
    return this.#watcher !== undefined
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
