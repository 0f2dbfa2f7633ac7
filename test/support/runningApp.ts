import { onTestFinished } from 'vitest'
import { startApp, type App } from '../../src/app/app.ts'
import type { AppOptions } from '../../src/app/options.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { Role } from '../../src/role.ts'
import { createLog } from '../../src/log/log.ts'
import { samplesOf } from './exposition.ts'
import { realFiles } from './realFiles.ts'

/** A line of svidwatch's log. */
export interface LogLine {
  readonly level: string
  readonly event: string
  readonly message: string
}

/** Starts svidwatch with these roles on free ports of this machine. It stops after the test. `logged` collects its log. */
export async function runningApp(
  roles: readonly Role[],
  settings: Readonly<Record<string, unknown>>,
  dependencies: Pick<AppOptions, 'clock' | 'client' | 'store' | 'nodeName' | 'env' | 'podRoute'>,
  logged: LogLine[] = [],
): Promise<App> {
  const server = { address: '127.0.0.1', port: 0, probePort: 0 }
  const resolved = resolveConfig(JSON.stringify({ server, checkpoint: { interval: '1s' }, ...settings }), 'settings')
  if ('problems' in resolved) throw new Error(resolved.problems.join('\n'))
  const { config } = resolved
  const destination = { write: (line: string) => void logged.push(JSON.parse(line) as LogLine) }
  const log = createLog({ ...config.log, format: 'json', clock: dependencies.clock, destination })
  const app = await startApp({ config, roles, log, version: '0.0.0', files: realFiles, env: {}, ...dependencies })
  onTestFinished(() => app.close())
  return app
}

export async function metricsOf(app: App): Promise<string> {
  return (await fetch(`${app.url}/metrics`)).text()
}

/** Returns the values of a metric's samples whose labels contain all of `labels`. */
export function values(text: string, metric: string, ...labels: string[]): number[] {
  const samples = samplesOf(text, metric) ?? []
  return samples
    .filter((line) => labels.every((label) => line.includes(label)))
    .map((line) => Number(line.split(' ').at(-1)))
}
