import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'

/** Tells when files in a folder change, as long as the system has a watch to give for it. */
export class FolderWatch {
  #watcher: FSWatcher | undefined

  /** `names` are those of the files that matter; undefined: all do. */
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

  /** False where the folder could not be watched (it is not there, or the inotify limits of the system are reached). */
  get works(): boolean {
    return this.#watcher !== undefined
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
