import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import type { Role } from '../../src/role.ts'

/** The parts of a container of Kubernetes that tests need. */
export interface ShippedContainer {
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly resources: { readonly limits: { readonly memory: string } }
}

interface Workload {
  readonly spec?: { readonly template?: { readonly spec: { readonly containers: readonly ShippedContainer[] } } }
}

/** Returns the container of a role in deploy/. */
export function shippedContainer(role: Exclude<Role, 'standalone'>): ShippedContainer {
  const text = readFileSync(new URL(`../../deploy/${role}.yaml`, import.meta.url), 'utf8')
  const workloads = parseAllDocuments(text).map((document) => document.toJS() as Workload)
  const [container] = workloads.flatMap(({ spec }) => spec?.template?.spec.containers ?? [])
  if (container === undefined) throw new Error(`deploy/${role}.yaml has no container`)
  return container
}

/** Returns the memory limit of a role's container in bytes. */
export function shippedMemoryLimit(role: Exclude<Role, 'standalone'>): number {
  const { memory } = shippedContainer(role).resources.limits
  const mebibytes = /^(\d+)Mi$/.exec(memory)?.[1]
  if (mebibytes === undefined) throw new Error(`deploy/${role}.yaml: the memory limit "${memory}" is not in Mi`)
  return Number(mebibytes) * 2 ** 20
}
