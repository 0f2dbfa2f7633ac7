import type { FileCalls } from '../../files/fileCalls.ts'
import { inParallel } from './inParallel.ts'

/** How many volumes or files are worked on at a time, without those that are slow. */
const parallel = 8

export interface WorkOnAll<Item> {
  readonly files: FileCalls
  readonly items: Iterable<Item>
  /** Makes the calls about one item. */
  readonly work: (item: Item) => Promise<void>
  /** Whether slow items are waited for, until they are stuck. Otherwise their work goes on, and they delay no other. */
  readonly waitsForSlow: boolean
}

/** Works on every item, a few at a time. */
export async function workOnAll<Item>({ files, items, work, waitsForSlow }: WorkOnAll<Item>): Promise<void> {
  const all: Promise<void>[] = []
  await inParallel(items, parallel, (item) => {
    const one = work(item)
    if (waitsForSlow) all.push(one)
    return files.unlessSlow(one)
  })
  await Promise.all(all)
}
