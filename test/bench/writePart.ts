import { readFile, writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'

/** Puts a text in Markdown between `<!-- bench:begin -->` and `<!-- bench:end -->` of a page. */
export async function writePart(page: string, text: string): Promise<void> {
  const current = await readFile(page, 'utf8')
  const between = /(<!-- bench:begin -->\n).*(<!-- bench:end -->)/s
  if (!between.test(current)) throw new Error(`${page} has no place for the table of the bench`)
  const filled = current.replace(between, (_, begin: string, end: string) => `${begin}\n${text}\n${end}`)
  await writeFile(page, await format(filled, { ...(await resolveConfig(page)), parser: 'markdown' }))
}
