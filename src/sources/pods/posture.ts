import { posix } from 'node:path'
import type { PostureFinding } from '../../ledger/workloads/reasons.ts'
import type { KubernetesObject } from '../kubernetesObject.ts'

/** Most pods have no findings. They share this list. */
const noFindings: readonly PostureFinding[] = []

/** Returns the paths of the agents' sockets in the form in which they are compared. */
export function socketPaths(paths: readonly string[]): ReadonlySet<string> {
  return new Set(paths.map(comparable))
}

/**
 * Returns what puts identities at risk in a pod. An agent needs its node's process namespace to tell workloads apart, so that is
 * not a finding. A mount of a socket's folder still works after the agent restarts; a mount of the socket itself does not.
 */
export function postureOf(
  spec: KubernetesObject,
  isAgent: boolean,
  sockets: ReadonlySet<string>,
): readonly PostureFinding[] {
  const findings: PostureFinding[] = []
  if (spec.flag('hostPID') && !isAgent) findings.push('host_pid')
  if (spec.objects('volumes').some((volume) => isSocketMount(volume, sockets))) findings.push('socket_file_mount')
  return findings.length === 0 ? noFindings : findings
}

function isSocketMount(volume: KubernetesObject, sockets: ReadonlySet<string>): boolean {
  const path = volume.object('hostPath').text('path')
  return path !== undefined && sockets.has(comparable(path))
}

/** Removes `.`, `..` and extra slashes, and replaces /var/run, which is a symlink to /run on every node. */
function comparable(path: string): string {
  return posix.resolve('/', path).replace(/^\/var\/run(?=\/)/, '/run')
}
