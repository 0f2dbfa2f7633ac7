import type { Role } from '../../src/role.ts'
import { shippedObject, type ShippedContainer, type ShippedPod } from './shippedObjects.ts'

type DeployedRole = Exclude<Role, 'standalone'>

const kinds = { cluster: 'Deployment', node: 'DaemonSet' } as const

/** Returns the pod of a role in deploy/svidwatch.yaml. */
export function shippedPod(role: DeployedRole): ShippedPod {
  const pod = shippedObject('svidwatch.yaml', kinds[role]).spec?.template?.spec
  if (pod === undefined) throw new Error(`deploy/svidwatch.yaml: the ${kinds[role]} has no pod`)
  return pod
}

/** Returns the container of a role in deploy/svidwatch.yaml. */
export function shippedContainer(role: DeployedRole): ShippedContainer {
  const [container] = shippedPod(role).containers
  if (container === undefined) throw new Error(`deploy/svidwatch.yaml: the ${kinds[role]} has no container`)
  return container
}

/** Returns the memory limit of a role's container in bytes. */
export function shippedMemoryLimit(role: DeployedRole): number {
  return bytesOf(shippedContainer(role).resources.limits.memory)
}

/** Returns the bytes of a memory limit in Mi or Gi. */
export function bytesOf(memory: string): number {
  const [, count, unit] = /^(\d+)(Mi|Gi)$/.exec(memory) ?? []
  if (count === undefined) throw new Error(`the memory limit "${memory}" is not in Mi or Gi`)
  return Number(count) * (unit === 'Mi' ? 2 ** 20 : 2 ** 30)
}
