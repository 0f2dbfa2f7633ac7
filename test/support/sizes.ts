import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { bytesOf } from './shippedContainer.ts'

/** The memory of the cluster role in a cluster of one size, and how V8 uses it. */
export interface Size {
  /** For up to so many SVIDs. */
  readonly svids: number
  readonly limit: string
  readonly heapPercent: number
  readonly youngMiB: number
}

/** What the value `size` of the chart stands for. */
export const sizes = parse(
  readFileSync(join(import.meta.dirname, '../../charts/svidwatch/files/sizes.yaml'), 'utf8'),
) as Readonly<Record<string, Size>>

/** Returns the flags with which the chart bounds V8. */
export const v8FlagsOf = ({ heapPercent, youngMiB }: Size): readonly string[] => [
  `--max-old-space-size-percentage=${heapPercent}`,
  `--max-semi-space-size=${youngMiB}`,
]

/** Returns the flags that bound V8 in the same way where the machine has more memory than the limit. */
export function v8BoundsOf({ limit, heapPercent, youngMiB }: Size): readonly string[] {
  const heapMiB = Math.floor((bytesOf(limit) / 2 ** 20) * (heapPercent / 100))
  return [`--max-old-space-size=${heapMiB}`, `--max-semi-space-size=${youngMiB}`]
}
