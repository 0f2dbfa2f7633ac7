import { messageOf } from '../errors.ts'

/** Returns the error code of the system, such as EACCES, or undefined if the error does not come from the system. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Returns the system's message about a file without its path, such as `EACCES: permission denied`. */
export function systemReason(error: unknown): string {
  return messageOf(error).replace(/, \w+ '.*$/s, '')
}
