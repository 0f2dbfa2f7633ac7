import type { Stats } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isKeyFileName } from '../identity/keyFile.ts'

/** The most files of a folder among which the names of a file are looked for. */
const maxEntries = 1_000

/** Says that a file with several names (hard links) has that of a private key in its folder, or may have it; undefined if it has none. */
export async function linkedKey(path: string, { nlink, dev, ino }: Stats): Promise<string | undefined> {
  if (nlink <= 1) return undefined
  let entries = 0
  for await (const { name } of await opendir(dirname(path))) {
    entries += 1
    if (entries > maxEntries)
      return 'it has several names, and its folder too many files to tell whether one of them is that of a private key'
    if (!isKeyFileName(name)) continue
    const other = await stat(join(dirname(path), name)).catch(() => undefined)
    if (other?.ino === ino && other.dev === dev)
      return `it is the same file as ${name}, which is the name of a private key`
  }
  return undefined
}
