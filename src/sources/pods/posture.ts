import { posix } from 'node:path'
import type { PostureFinding } from '../../ledger/workloads/reasons.ts'
import type { KubernetesObject } from '../kubernetesObject.ts'

/** A list of findings for all the pods that have none. */
const none: readonly PostureFinding[] = []

/** The agents' sockets by the one path that is compared. */
export function socketPaths(paths: readonly string[]): ReadonlySet<string> {
  return new Set(paths.map(comparable))
}

/**
 * What about a pod puts identities at risk. An agent needs its node's process namespace to tell workloads apart: that is no
 * finding. A mount of the folder that a socket is in stays good when the agent restarts; a mount of the socket itself does not.
 */
export function postureOf(
  spec: KubernetesObject,
  isAgent: boolean,
  sockets: ReadonlySet<string>,
): readonly PostureFinding[] {
  const findings: PostureFinding[] = []
  if (spec.flag('hostPID') && !isAgent) findings.push('host_pid')
  if (spec.objects('volumes').some((volume) => isSocketMount(volume, sockets))) findings.push('socket_file_mount')
  return findings.length === 0 ? none : findings
}

function isSocketMount(volume: KubernetesObject, sockets: ReadonlySet<string>): boolean {
  const path = volume.object('hostPath').text('path')
  return path !== undefined && sockets.has(comparable(path))
}

/** Without `.`, `..`, doubled or trailing slashes, and with /var/run as what it is on every node: a symlink to /run. */
function comparable(path: string): string {
  return posix.resolve('/', path).replace(/^\/var\/run(?=\/)/, '/run')
}
