/**
 * The one base of every error that svidwatch throws on purpose. `code` is stable and says what a program may act on (it
 * becomes a `reason` label); the message says what is wrong, where, and what to do; `cause` is kept.
 */
export class SvidwatchError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
