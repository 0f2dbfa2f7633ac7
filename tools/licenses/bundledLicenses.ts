import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** The licenses, by SPDX identifier, of packages that svidwatch may be distributed with as it is: with their texts, and no more. */
const accepted: readonly string[] = ['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT']

const rule = '='.repeat(80)

/** Where the texts are of packages that come without one, by the name of the package. */
const ownTexts = join(import.meta.dirname, 'texts')

/**
 * Returns the licenses of all packages of which code is in a bundle, with their texts. `root` is the folder that the paths in the
 * metafile start from. Throws an error that names every package whose license is not accepted or whose text is missing.
 */
export async function bundledLicenses(metafile: Metafile, root: string): Promise<string> {
  const found = await Promise.all(packageFolders(metafile).map((folder) => licenseOf(join(root, folder))))
  const problems = found.flatMap((one) => ('problem' in one ? [one.problem] : []))
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const entries = found.flatMap((one) => ('entry' in one ? [one.entry] : []))
  return `svidwatch contains code of these packages.\n\n${entries.toSorted().join('\n')}`
}

/** Returns the folders, in alphabetical order, of the packages of which code is in the bundle. */
function packageFolders({ outputs }: Metafile): readonly string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs))
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
  const folders = used.flatMap((path) => /^(.*\/)?node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [])
  return [...new Set(folders)].toSorted()
}

async function licenseOf(folder: string): Promise<{ readonly entry: string } | { readonly problem: string }> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
  const remedy = `see whether svidwatch may be distributed with it, and add it to ${import.meta.filename}`
  if (!accepted.includes(String(license)))
    return { problem: `${name} ${version}: the license ${JSON.stringify(license)} is not accepted: ${remedy}` }
  const texts = await licenseTexts(folder, name)
  if (texts.length === 0)
    return { problem: `${name} ${version}: its package has no text of its license: add ${ownTextOf(name)}` }
  return { entry: [rule, `${name} ${version} (${String(license)})`, rule, '', ...texts, ''].join('\n') }
}

/** Returns the license of a package and its notices, or the text that is kept for it in place of them. */
async function licenseTexts(folder: string, name: string): Promise<readonly string[]> {
  const files = (await readdir(folder))
    .filter((file) => /^(licen[cs]e|copying|copyright|notice)/i.test(file))
    .toSorted()
  const isLicensed = files.some((file) => /^(licen[cs]e|copying)/i.test(file))
  const paths = isLicensed
    ? files.map((file) => join(folder, file))
    : [ownTextOf(name)].filter((path) => existsSync(path))
  return Promise.all(paths.map(async (path) => (await readFile(path, 'utf8')).trim()))
}

const ownTextOf = (name: string): string => join(ownTexts, `${name.replace('/', '+')}.txt`)

interface Manifest {
  readonly name: string
  readonly version: string
  /** An SPDX identifier in packages of this decade, which is all that is accepted. */
  readonly license?: unknown
}
