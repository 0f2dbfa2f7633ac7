import type { Clock } from '../../clock.ts'
import { inParallel } from '../certificateFile/inParallel.ts'
import { LookLoop } from '../certificateFile/lookLoop.ts'
import { loopSource } from '../loopSource.ts'
import type { Source } from '../source.ts'
import { WatchedFile } from './watchedFile.ts'
import type { ConfiguredFile } from './watchedFile.ts'

export interface FilesOptions {
  readonly clock: Clock
  readonly files: readonly ConfiguredFile[]
}

const parallelReads = 8

/** Returns a source that watches configured certificate files, whether they are written in place or replaced (spiffe-helper). */
export function createFiles({ clock, files }: FilesOptions): Source {
  return loopSource(async (report, signal) => {
    const loop = new LookLoop(clock, 'files', report)
    const watched = files.map((file) => new WatchedFile(file, report, () => loop.requestRead()))
    const work = {
      look: async () => {
        await inParallel(watched, parallelReads, (file) => file.look())
        return undefined
      },
      read: () =>
        inParallel(
          watched.filter((file) => file.pending),
          parallelReads,
          (file) => file.read(),
        ),
    }
    await loop.run(work, signal)
    for (const file of watched) file.close()
  })
}
