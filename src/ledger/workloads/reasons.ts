import { svidProblems } from '../../identity/svidProblems.ts'

/** Why a certificate file shows no SVID: what the file system says, then what the certificate says. */
export const readProblems = {
  missing: 'there is no such file',
  empty: 'the file is empty',
  unmounted: 'the volume is not mounted on the host',
  unreadable: 'the file cannot be opened or read',
  not_a_file: 'it is a folder, a socket, a pipe or a device',
  outside_volume: 'it is a symlink that leads out of the volume, or to another file of it',
  too_large: 'the file is larger than any certificate chain should be',
  ...svidProblems,
} as const

export type ReadProblem = keyof typeof readProblems

/** What about a pod puts identities at risk. */
export const postureFindings = {
  host_pid: 'it shares the process namespace of its node, so that it can pose as other workloads to an agent',
  socket_file_mount: "it mounts an agent's socket as a single file, which is dead once the agent restarts",
} as const

export type PostureFinding = keyof typeof postureFindings
