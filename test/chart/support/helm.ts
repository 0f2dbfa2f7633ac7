import { spawnSync } from 'node:child_process'
import type { Values } from './render.ts'

/** What `helm template` printed. */
export interface Rendering {
  readonly manifests: string
  /** The lines about refused values, such as `- at '/size': value must be one of …`; none if none is refused. */
  readonly problems: readonly string[]
  /** Everything that Helm said. */
  readonly messages: string
}

/**
 * Renders a chart as the release `svidwatch` in the namespace `svidwatch`, for a cluster with the Prometheus Operator. `values` are
 * those of a file, or the path of one.
 */
export function template(folder: string, values: string | Values): Rendering {
  const [path, input] = typeof values === 'string' ? [values, ''] : ['-', JSON.stringify(values)]
  const place = ['svidwatch', folder, '--namespace', 'svidwatch', '--api-versions', 'monitoring.coreos.com/v1']
  const { stdout, stderr, error } = spawnSync('helm', ['template', ...place, '--values', path], {
    encoding: 'utf8',
    input,
    maxBuffer: 64 * 1024 * 1024,
  })
  if (error !== undefined) throw error
  return { manifests: stdout, problems: stderr.split('\n').filter((line) => /^ *- /.test(line)), messages: stderr }
}
