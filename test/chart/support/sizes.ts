import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { chart } from './render.ts'

/** The memory of the cluster role in a cluster of one size, and how V8 uses it. */
export interface Size {
  readonly limit: string
  readonly heapPercent: number
  readonly youngMiB: number
}

/** What the value `size` stands for. */
export const sizes = parse(readFileSync(join(chart, 'files/sizes.yaml'), 'utf8')) as Readonly<Record<string, Size>>
