/**
 * The base of every error that svidwatch throws on purpose. `code` is stable: programs may act on it, and it becomes a `reason`
 * label. The message says what is wrong, where, and what to do.
 */
export class SvidwatchError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** Returns the message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
