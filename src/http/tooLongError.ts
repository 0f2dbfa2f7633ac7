import { HttpError } from './httpError.ts'

/** A server sends more bytes than are allowed. */
export class TooLongError extends HttpError {
  constructor(what: string, maxBytes: number) {
    super('protocol', `${what} is longer than ${maxBytes} bytes`)
  }
}
