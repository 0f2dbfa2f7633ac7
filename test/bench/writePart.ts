import { readFile, writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'

/** Puts a text in Markdown between `<!-- part:begin -->` and `<!-- part:end -->` of a page, where `part` is its name. */
export async function writePart(page: string, text: string, part = 'bench'): Promise<void> {
  const current = await readFile(page, 'utf8')
  const between = new RegExp(`(<!-- ${part}:begin -->\n).*(<!-- ${part}:end -->)`, 's')
  if (!between.test(current)) throw new Error(`${page} has no place for the part ${part}`)
  const filled = current.replace(between, (_, begin: string, end: string) => `${begin}\n${text}\n${end}`)
  await writeFile(page, await format(filled, { ...(await resolveConfig(page)), parser: 'markdown' }))
}
