import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isScalar, parseDocument } from 'yaml'

interface ChartRelease {
  /** The version of svidwatch, which is that of the chart too. */
  readonly version: string
  /** Where the image of this version was pushed, such as `ghcr.io` and `owner/svidwatch`. */
  readonly registry: string
  readonly repository: string
}

/**
 * Prepares the chart in a folder for a release: it gets the version, and its default values name the image. Comments stay. Throws an
 * error if the chart has no such field.
 */
export async function prepareChart(folder: string, { version, registry, repository }: ChartRelease): Promise<void> {
  await setFields(join(folder, 'Chart.yaml'), { version, appVersion: version })
  await setFields(join(folder, 'values.yaml'), { 'image.registry': registry, 'image.repository': repository })
}

/** Replaces texts in a YAML file. The names of nested fields are joined by dots. */
async function setFields(file: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const document = parseDocument(await readFile(file, 'utf8'))
  for (const [name, text] of Object.entries(fields)) {
    const field = document.getIn(name.split('.'), true)
    if (!isScalar(field)) throw new Error(`${file}: there is no ${name}`)
    field.value = text
  }
  await writeFile(file, document.toString({ lineWidth: 0 }))
}
