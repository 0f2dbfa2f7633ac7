/** Why a file cannot be read. The codes are label values and part of the contract. */
export const fileProblems = {
  missing: 'there is no such file',
  empty: 'the file is empty',
  unreadable: 'the file cannot be opened or read',
  no_answer: 'its file system does not answer',
  not_a_file: 'it is a folder, a socket, a pipe or a device',
  outside_volume: 'it is a symlink that leads out of the volume, or to a file of another name, or it is a hard link',
  too_large: 'the file is larger than a file of its kind should be',
} as const

export type FileProblem = keyof typeof fileProblems
