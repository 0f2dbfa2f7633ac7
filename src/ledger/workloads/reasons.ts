import { fileProblems } from '../../files/fileProblems.ts'
import { svidProblems } from '../../identity/svidProblems.ts'

/** Why no SVID can be read from a certificate file: problems of the file, then problems of the certificate. */
export const readProblems = {
  ...fileProblems,
  unmounted: 'the volume is not mounted on the host',
  ...svidProblems,
} as const

export type ReadProblem = keyof typeof readProblems

/** Why a pod puts identities at risk. */
export const postureFindings = {
  host_pid: 'it shares the process namespace of its node, so it can pose as other workloads to an agent',
  socket_file_mount: "it mounts an agent's socket as a single file, which stops working once the agent restarts",
} as const

export type PostureFinding = keyof typeof postureFindings
