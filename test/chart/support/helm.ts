import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Values as a values file has them. */
export type Values = Readonly<Record<string, unknown>>

/** Where a release is rendered. */
export interface Place {
  readonly release?: string
  readonly namespace?: string
  /** The APIs of the cluster besides Kubernetes' own. By default, those of the Prometheus Operator. */
  readonly apis?: readonly string[]
}

/** What `helm template` printed. */
export interface Rendering {
  readonly manifests: string
  /** The lines about refused values, such as `- at '/size': value must be one of …`; none if none is refused. */
  readonly problems: readonly string[]
  /** Everything that Helm said. */
  readonly messages: string
}

/** The APIs of the Prometheus Operator. */
export const operatorApi = 'monitoring.coreos.com/v1'

/** Renders a chart, if Helm does not refuse. `values` are those of a file, or the path of one. */
export async function template(folder: string, values: string | Values, place: Place = {}): Promise<Rendering> {
  const { release = 'svidwatch', namespace = 'svidwatch', apis = [operatorApi] } = place
  const [path, input] = typeof values === 'string' ? [values, ''] : ['-', JSON.stringify(values)]
  const offered = apis.map((api) => `--api-versions=${api}`)
  const args = ['template', release, folder, '--namespace', namespace, '--values', path, ...offered]
  const running = run('helm', args, { maxBuffer: 64 * 1024 * 1024 })
  running.child.stdin?.end(input)
  const { stdout, stderr } = await running.catch((error: unknown) => {
    if (isRefusal(error)) return error
    throw error
  })
  return { manifests: stdout, problems: stderr.split('\n').filter((line) => /^ *- /.test(line)), messages: stderr }
}

/** Reports whether Helm has run, and ended with an exit code. */
const isRefusal = (error: unknown): error is { readonly stdout: string; readonly stderr: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'number'
