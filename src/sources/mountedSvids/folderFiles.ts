import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The most entries of a folder that are looked at. A volume has a handful. */
const maxEntries = 64

/**
 * Reports whether a folder has a file that can be opened by its name, so links to nothing do not count, nor what a driver keeps behind
 * `..data`. Of a folder with many entries, the first ones count. A folder that cannot be read has none.
 */
export async function hasFiles(folder: string): Promise<boolean> {
  try {
    let entries = 0
    for await (const { name } of await opendir(folder)) {
      entries += 1
      if (entries > maxEntries) return true
      if (!name.startsWith('..') && (await isThere(join(folder, name)))) return true
    }
  } catch {
    // The folder is gone, or is none.
  }
  return false
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
