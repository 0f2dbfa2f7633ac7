import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stalePages } from '../../tools/generate-docs.ts'

const repository = join(import.meta.dirname, '../..')

describe('the generated pages', () => {
  it('are what the code says', () => {
    expect(stalePages(repository).map(({ path }) => path)).toEqual([])
  })
})

describe('generating', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'docs-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  const generate = () => {
    const stale = stalePages(root)
    for (const { path, content } of stale) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), content)
    }
    return new Map(stale.map(({ path, content }) => [path, content]))
  }

  it('writes pages that are missing, once', () => {
    expect(generate().get('docs/metrics.md')).toContain('`spire_svid_expiry_seconds`')
    expect(generate()).toEqual(new Map())
  })

  it('finds a page that was edited by hand', () => {
    generate()
    writeFileSync(join(root, 'docs/metrics.md'), '# Metrics\n')
    expect([...generate().keys()]).toEqual(['docs/metrics.md'])
  })

  it('replaces the marked part of README.md, and nothing else', () => {
    writeFileSync(
      join(root, 'README.md'),
      '# A\n\n<!-- metrics:begin -->\nto be replaced\n<!-- metrics:end -->\n\nend\n',
    )
    const readme = generate().get('README.md')
    expect(readme).toMatch(/^# A\n\n<!-- metrics:begin -->\n\n\| Metric .*\|\n\n<!-- metrics:end -->\n\nend\n$/s)
    expect(readme).toContain('`spire_svid_expiry_seconds`')
    expect(readme).not.toContain('to be replaced')
    expect(generate()).toEqual(new Map())
  })

  it('leaves a README.md without marks alone', () => {
    writeFileSync(join(root, 'README.md'), '# A\n')
    expect([...generate().keys()]).not.toContain('README.md')
  })
})
