import { fileProblems } from '../../files/fileProblems.ts'
import { svidProblems } from '../../identity/svidProblems.ts'

/** Why a certificate file shows no SVID: what the file system says, then what the certificate says. */
export const readProblems = {
  ...fileProblems,
  unmounted: 'the volume is not mounted on the host',
  ...svidProblems,
} as const

export type ReadProblem = keyof typeof readProblems

/** What about a pod puts identities at risk. */
export const postureFindings = {
  host_pid: 'it shares the process namespace of its node, so that it can pose as other workloads to an agent',
  socket_file_mount: "it mounts an agent's socket as a single file, which is dead once the agent restarts",
} as const

export type PostureFinding = keyof typeof postureFindings
