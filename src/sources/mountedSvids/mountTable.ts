import { readFileSync } from 'node:fs'
import { parseMountinfo } from './mountinfo.ts'

/** Reads the mount table. It is parsed only when it has changed, which is rare. */
export class MountTable {
  readonly #path: string
  #text = ''
  #mounts: ReadonlyMap<string, string> = new Map()

  constructor(path: string) {
    this.#path = path
  }

  /**
   * Returns the mounts by mount point, as `parseMountinfo` does. Without the file there are none, and volumes differ
   * by device and inode only. Reading synchronously takes a third of the time; the kernel makes the text in memory, bounded by its
   * limit of mounts and by 4 kB for each call.
   */
  read(): ReadonlyMap<string, string> {
    const text = this.#read()
    if (text !== this.#text) this.#mounts = parseMountinfo(text)
    this.#text = text
    return this.#mounts
  }

  #read(): string {
    try {
      return readFileSync(this.#path, 'utf8')
    } catch {
      return ''
    }
  }
}
