import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const repository = join(import.meta.dirname, '../..')
const pages = globSync(
  ['*.md', 'docs/**/*.md', 'deploy/*.md', 'dashboards/*.md', 'charts/*/*.md'].map((pattern) =>
    join(repository, pattern),
  ),
)

/** Returns the anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  const headings = readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Reports whether a link of a page leads to a file of the repository, and to a heading if it names one. */
function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : join(dirname(page), path)
  return existsSync(target) && (anchor === undefined || !target.endsWith('.md') || anchorsOf(target).includes(anchor))
}

describe('the links of the pages', () => {
  it.each(pages.map((page) => page.slice(repository.length + 1)))('in %s lead somewhere', (name) => {
    const page = join(repository, name)
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    expect(links.filter((link) => !/^(https?|mailto):/.test(link) && !leadsSomewhere(page, link))).toEqual([])
  })
})
