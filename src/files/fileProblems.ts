/** Why a file gives no text. Codes are contracts: they are label values. */
export const fileProblems = {
  missing: 'there is no such file',
  empty: 'the file is empty',
  unreadable: 'the file cannot be opened or read',
  not_a_file: 'it is a folder, a socket, a pipe or a device',
  outside_volume: 'it is a symlink that leads out of the volume, or to another file of it',
  too_large: 'the file is larger than one of its kind should be',
} as const

export type FileProblem = keyof typeof fileProblems
