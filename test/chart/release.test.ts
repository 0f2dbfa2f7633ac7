import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'
import program from '../../package.json' with { type: 'json' }
import { at, chart, find, render, renderText } from './support/render.ts'
import { sizes } from '../support/sizes.ts'

const { version } = program

test('the chart has the version of the program', async () => {
  expect(parse(await readFile(join(chart, 'Chart.yaml'), 'utf8'))).toMatchObject({ version, appVersion: version })
})

/** A chart that has svidwatch as a dependency. */
async function parentChart(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-parent-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const dependencies = [{ name: 'svidwatch', version }]
  await writeFile(
    join(folder, 'Chart.yaml'),
    stringify({ apiVersion: 'v2', name: 'platform', version: '1.0.0', dependencies }),
  )
  await mkdir(join(folder, 'charts'))
  await cp(chart, join(folder, 'charts/svidwatch'), { recursive: true })
  return folder
}

test('a parent chart sets the registry, the pull secrets and the values of svidwatch', async () => {
  const values = {
    global: {
      imageRegistry: 'mirror.example',
      imagePullSecrets: [{ name: 'mirror' }],
      storageClass: 'of another chart',
    },
    svidwatch: { size: 'small', image: { registry: 'quay.io', pullSecrets: ['mine'] } },
  }
  const objects = await render(values, { folder: await parentChart(), release: 'platform', namespace: 'platform' })
  const pod = at(find(objects, 'Deployment platform/platform-svidwatch'), 'spec template spec')
  expect(at(pod, 'containers 0 image')).toBe(`mirror.example/svidwatch:${version}`)
  expect(at(pod, 'imagePullSecrets')).toEqual([{ name: 'mirror' }, { name: 'mine' }])
  expect(at(pod, 'containers 0 resources limits memory')).toBe(sizes['small']?.limit)
})

/** Returns the bytes of each file in a folder and those below, in base64, as Helm stores a chart. */
async function stored(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'base64')))
}

test('a release with everything takes less than a third of what a Secret can hold', async () => {
  const manifest = await renderText({ networkPolicy: { enabled: true } }, { operator: true })
  const release = gzipSync(JSON.stringify({ chart: await stored(chart), manifest })).toString('base64')
  expect(release.length).toBeLessThan((1024 * 1024) / 3)
})

test('the page about installing has the memory limit of each size', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/install.md'), 'utf8')
  const rows = Array.from(page.matchAll(/^\| `(small|medium|large)` +\| (\S+)/gm), ([, size = '', limit]) => [
    size,
    limit,
  ])
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(Object.entries(sizes).map(([size, { limit }]) => [size, limit])),
  )
})
