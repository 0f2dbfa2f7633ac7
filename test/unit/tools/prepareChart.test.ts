import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { prepareChart } from '../../../tools/release/prepareChart.ts'

const release = { version: '1.2.3', registry: 'ghcr.io', repository: 'owner/svidwatch' }

async function chartWith(values: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-chart-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'Chart.yaml'), 'name: svidwatch\nversion: 0.1.0\nappVersion: 0.1.0\n')
  await writeFile(join(folder, 'values.yaml'), values)
  return folder
}

test('a released chart has the version, and its image is where it was pushed', async () => {
  const folder = await chartWith(
    "# The image.\nimage:\n  registry: '' # none\n  repository: svidwatch\n  tag: ''\nsize: medium\n",
  )
  await prepareChart(folder, release)
  expect(await readFile(join(folder, 'Chart.yaml'), 'utf8')).toBe(
    'name: svidwatch\nversion: 1.2.3\nappVersion: 1.2.3\n',
  )
  expect(await readFile(join(folder, 'values.yaml'), 'utf8')).toBe(
    "# The image.\nimage:\n  registry: 'ghcr.io' # none\n  repository: owner/svidwatch\n  tag: ''\nsize: medium\n",
  )
})

test('a chart that names its image in another way is not released', async () => {
  const folder = await chartWith('image: svidwatch\n')
  await expect(prepareChart(folder, release)).rejects.toThrow('values.yaml: there is no image.registry')
})
