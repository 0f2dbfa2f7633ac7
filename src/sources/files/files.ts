import type { Clock } from '../../clock.ts'
import type { FileCalls } from '../../files/fileCalls.ts'
import { LookLoop, type LoopWork } from '../certificateFile/lookLoop.ts'
import { workOnAll } from '../certificateFile/workOnAll.ts'
import { loopSource } from '../loopSource.ts'
import type { Source } from '../source.ts'
import { WatchedFile } from './watchedFile.ts'
import type { ConfiguredFile } from './watchedFile.ts'

export interface FilesOptions {
  readonly clock: Clock
  readonly files: FileCalls
  readonly configured: readonly ConfiguredFile[]
}

/** Returns a source that watches configured certificate files, whether they are written in place or replaced (spiffe-helper). */
export function createFiles({ clock, files, configured }: FilesOptions): Source {
  return loopSource(async (report, signal) => {
    const loop = new LookLoop({ clock, files, source: 'files', report })
    const watched = configured.map((file) => new WatchedFile(file, files, report, () => loop.requestRead()))
    await loop.run(new AllFiles(watched, files), signal)
    for (const file of watched) file.close()
  })
}

class AllFiles implements LoopWork {
  readonly #watched: readonly WatchedFile[]
  readonly #files: FileCalls
  #hasLooked = false

  constructor(watched: readonly WatchedFile[], files: FileCalls) {
    this.#watched = watched
    this.#files = files
  }

  async look(): Promise<undefined> {
    await this.#workOnAll(this.#watched, (file) => file.look())
    return undefined
  }

  async read(): Promise<void> {
    const pending = this.#watched.filter((file) => file.pending)
    await this.#workOnAll(pending, (file) => file.read())
    this.#hasLooked = true
  }

  /** The first look waits for slow files, so that contact means that all were seen. */
  #workOnAll(items: readonly WatchedFile[], work: (file: WatchedFile) => Promise<void>): Promise<void> {
    return workOnAll({ files: this.#files, items, work, waitsForSlow: !this.#hasLooked })
  }
}
