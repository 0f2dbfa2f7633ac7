import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'

const run = promisify(execFile)
/** The folder of the chart. */
export const chart = join(import.meta.dirname, '../../../charts/svidwatch')

/** Values as a values file has them. */
export type Values = Readonly<Record<string, unknown>>

/** What a release is rendered with, besides values. */
export interface Setting {
  readonly release?: string
  readonly namespace?: string
  /** Whether the cluster has the objects of the Prometheus Operator. */
  readonly operator?: boolean
  /** Further APIs of the cluster. */
  readonly apis?: readonly string[]
  /** The folder of the chart. */
  readonly folder?: string
}

/** An object of a release. */
export interface Rendered {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly data?: Readonly<Record<string, string>>
}

/** Renders the chart as helm does, in the order of the installation. Throws with helm's message if helm refuses. */
export async function renderText(values: Values = {}, setting: Setting = {}): Promise<string> {
  const { release = 'svidwatch', namespace = 'svidwatch', operator = false, apis = [], folder = chart } = setting
  const offered = [...apis, ...(operator ? ['monitoring.coreos.com/v1'] : [])].map((api) => `--api-versions=${api}`)
  const args = ['template', release, folder, '--namespace', namespace, '--values', '-', ...offered]
  const running = run('helm', args, { maxBuffer: 64 * 1024 * 1024 })
  running.child.stdin?.end(JSON.stringify(values))
  return (await running).stdout
}

/** Renders the chart, and returns its objects. */
export async function render(values: Values = {}, setting: Setting = {}): Promise<readonly Rendered[]> {
  return parseAllDocuments(await renderText(values, setting))
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null)
}

/** Returns how tests name an object: `Role svidwatch-node/svidwatch-node-discovery`. */
export const nameOf = ({ kind, metadata: { namespace, name } }: Rendered): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`

/** Returns the object with this name, as `nameOf` gives it. */
export function find(objects: readonly Rendered[], name: string): Rendered {
  const found = objects.find((object) => nameOf(object) === name)
  if (found === undefined) throw new Error(`there is no ${name} in ${objects.map(nameOf).join(', ')}`)
  return found
}

/** Returns what is at a path of keys and indices, separated by spaces; undefined if there is nothing. */
export function at(object: unknown, path: string): unknown {
  return path
    .split(' ')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], object)
}
