import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { template } from './support/helm.ts'
import { chart } from './support/render.ts'

const folder = join(import.meta.dirname, 'invalid')

/** Returns the lines that a file says Helm prints: those of its comment that begin with a hyphen. */
function expectedOf(file: string): readonly string[] {
  const text = readFileSync(join(folder, file), 'utf8')
  return [...text.matchAll(/^# ( *- .*)$/gm)].map(([, line = '']) => line)
}

describe('values that are refused', () => {
  it.each(readdirSync(folder))('%s', async (file) => {
    const { problems, manifests, messages } = await template(chart, join(folder, file))
    // Helm lists several problems in any order.
    expect(problems.toSorted(), messages).toEqual(expectedOf(file).toSorted())
    expect(manifests).toBe('')
  })
})
