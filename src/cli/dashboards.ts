import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { relabelledDashboard } from '../../dashboards/relabel.ts'
import { shippedDashboards } from '../../dashboards/shipped.ts'
import { messageOf, SvidwatchError } from '../errors.ts'
import { labelNamesOf, type LabelOptions } from './labelOptions.ts'

export interface DashboardsOptions extends LabelOptions {
  /** The folder for the files, which must exist. */
  readonly out: string
}

/** Runs `svidwatch dashboards`. Throws a `SvidwatchError` if there are no such labels, or the files cannot be written. */
export async function writeDashboards(options: DashboardsOptions): Promise<void> {
  const names = labelNamesOf(options)
  for (const [name, dashboard] of Object.entries(shippedDashboards)) {
    const path = join(options.out, `${name}.json`)
    await write(path, relabelledDashboard(dashboard, names))
    process.stdout.write(`${path} written\n`)
  }
}

async function write(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content)
  } catch (error) {
    throw new SvidwatchError('cannot_write', `cannot write ${path}: ${messageOf(error)}`, { cause: error })
  }
}
