import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { bundledLicenses } from '../../../tools/licenses/bundledLicenses.ts'

type Files = Readonly<Record<string, string>>

/** Makes a folder with packages: the files of each, by its folder. */
async function folderWith(packages: Readonly<Record<string, Files>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'svidwatch-licenses-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [folder, files] of Object.entries(packages)) {
    await mkdir(join(root, folder), { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, folder, name), text)
  }
  return root
}

/** Returns what esbuild says of a bundle: how many bytes of each file are in it. */
function bundleOf(bytes: Readonly<Record<string, number>>): Metafile {
  const inputs = Object.fromEntries(Object.entries(bytes).map(([path, bytesInOutput]) => [path, { bytesInOutput }]))
  return { inputs: {}, outputs: { 'dist/main.js': { bytes: 1, inputs, imports: [], exports: [] } } }
}

const manifest = (name: string, license?: unknown) => JSON.stringify({ name, version: '1.2.3', license })

test('every package in the bundle is listed with its license and its notices', async () => {
  const root = await folderWith({
    'node_modules/one': {
      'package.json': manifest('one', 'MIT'),
      LICENSE: 'the text of one',
      'NOTICE.txt': 'a notice',
    },
    'node_modules/@scope/two': { 'package.json': manifest('@scope/two', 'ISC'), 'licence.md': 'the text of two' },
    'node_modules/one/node_modules/three': { 'package.json': manifest('three', '0BSD'), COPYING: 'the text of three' },
    'node_modules/unused': { 'package.json': manifest('unused', 'GPL-3.0') },
  })
  const used = ['one/index.js', 'one/lib/part.js', '@scope/two/index.js', 'one/node_modules/three/index.js']
  const bytes = Object.fromEntries(used.map((path) => [`node_modules/${path}`, 10]))
  const text = await bundledLicenses(bundleOf({ 'src/main.ts': 10, 'node_modules/unused/index.js': 0, ...bytes }), root)
  expect(text.match(/^.* 1\.2\.3 .*$/gm)).toEqual(['@scope/two 1.2.3 (ISC)', 'one 1.2.3 (MIT)', 'three 1.2.3 (0BSD)'])
  expect(text.match(/^(the text|a notice).*$/gm)).toEqual([
    'the text of two',
    'the text of one',
    'a notice',
    'the text of three',
  ])
})

test('a license that is unknown, missing or without a text fails, and the error names every such package', async () => {
  const root = await folderWith({
    'node_modules/copyleft': { 'package.json': manifest('copyleft', 'GPL-3.0-only'), LICENSE: 'its text' },
    'node_modules/nameless': { 'package.json': manifest('nameless'), LICENSE: 'its text' },
    'node_modules/textless': { 'package.json': manifest('textless', 'MIT'), 'NOTICE.txt': 'a notice is no license' },
  })
  const names = ['copyleft', 'nameless', 'textless']
  const metafile = bundleOf(Object.fromEntries(names.map((name) => [`node_modules/${name}/index.js`, 10])))
  const message = await bundledLicenses(metafile, root).then(String, (error: unknown) => String(error))
  expect(message).toContain('copyleft 1.2.3: the license "GPL-3.0-only" is not accepted: ')
  expect(message).toContain('nameless 1.2.3: the license undefined is not accepted: ')
  expect(message).toMatch(/textless 1\.2\.3: its package has no text of its license: add .*\/textless\.txt$/)
})
