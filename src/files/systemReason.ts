import { messageOf } from '../errors.ts'

/** What the system calls an error, such as EACCES; undefined where it is none of the system's. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** What the system says of a file, without the path, which stands beside it: `EACCES: permission denied`. */
export function systemReason(error: unknown): string {
  return messageOf(error).replace(/, \w+ '.*$/s, '')
}
