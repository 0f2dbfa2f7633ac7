import { messageOf } from '../errors.ts'

/** What the system says of a file, without the path, which stands beside it: `EACCES: permission denied`. */
export function systemReason(error: unknown): string {
  return messageOf(error).replace(/, \w+ '.*$/s, '')
}
