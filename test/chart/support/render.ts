import { join } from 'node:path'
import { manifestsIn, type Manifest } from '../../support/manifests.ts'
import { operatorApi, template, type Place, type Values } from './helm.ts'

export type { Values }

/** The folder of the chart. */
export const chart = join(import.meta.dirname, '../../../charts/svidwatch')

/** What a release is rendered with, besides values. */
export interface Setting extends Place {
  /** Whether the cluster has the objects of the Prometheus Operator. */
  readonly operator?: boolean
  /** The folder of the chart. */
  readonly folder?: string
}

/** An object of a release. */
export interface Rendered extends Manifest {
  readonly data?: Readonly<Record<string, string>>
}

/** Renders the chart as helm does, in the order of the installation. Throws with helm's message if helm refuses. */
export async function renderText(values: Values = {}, setting: Setting = {}): Promise<string> {
  const { operator = false, apis = [], folder = chart } = setting
  const offered = operator ? [...apis, operatorApi] : apis
  const { manifests, messages } = await template(folder, values, { ...setting, apis: offered })
  if (messages !== '') throw new Error(messages)
  return manifests
}

/** Renders the chart, and returns its objects. */
export const render = async (values: Values = {}, setting: Setting = {}): Promise<readonly Rendered[]> =>
  manifestsIn(await renderText(values, setting))

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
