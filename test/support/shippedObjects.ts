import { readFileSync } from 'node:fs'
import type { Right } from '../../src/world/apiServer/rights.ts'
import { manifestsIn, type Manifest } from './manifests.ts'

/** The files of deploy/ that are rendered from the chart. */
export type ShippedFile = 'svidwatch.yaml' | 'namespaced.yaml'

/** The parts of a Kubernetes object that tests need. */
export interface ShippedObject extends Manifest {
  readonly data?: Readonly<Record<string, string>>
  readonly rules?: readonly Right[]
  readonly spec?: { readonly template?: { readonly spec: ShippedPod } }
}

export interface ShippedPod {
  readonly containers: readonly ShippedContainer[]
  readonly shareProcessNamespace?: boolean
}

export interface ShippedContainer {
  readonly command: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly resources: { readonly limits: { readonly memory: string } }
  readonly volumeMounts: readonly { readonly mountPath: string; readonly readOnly?: boolean }[]
}

/** Returns the objects in a file of deploy/. */
export function shippedObjects(file: ShippedFile): readonly ShippedObject[] {
  const text = readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8')
  return manifestsIn(text)
}

/** Returns the only object of a kind, and with a name if one is given, in a file of deploy/. */
export function shippedObject(file: ShippedFile, kind: string, name?: string): ShippedObject {
  const matches = (object: ShippedObject) =>
    object.kind === kind && (name ?? object.metadata.name) === object.metadata.name
  const [first, ...others] = shippedObjects(file).filter(matches)
  if (first === undefined || others.length > 0) throw new Error(`deploy/${file} must have one ${kind} ${name ?? ''}`)
  return first
}
