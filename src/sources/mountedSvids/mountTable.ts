import { readFileSync } from 'node:fs'
import { parseMountinfo } from './mountinfo.ts'

/** What is mounted now. The text is parsed only when it has changed, which is seldom. */
export class MountTable {
  readonly #path: string
  #text = ''
  #mounts: ReadonlyMap<string, string> = new Map()

  constructor(path: string) {
    this.#path = path
  }

  /**
   * Empty where there is no such file: then folders are told apart by device and inode alone. The kernel makes the text in
   * memory, bounded by its own limit of mounts and 4 kB for each call, so that reading at once costs a third of waiting for it.
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
