import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'

/** The time from the arrival of a request's head until the client has read the answer. */
const answerDeadlineMs = 30_000

/** Cancels the deadline of each request whose answer is in progress. */
const deadlines = new WeakMap<IncomingMessage, AbortController>()

/**
 * Calls back once the client has read the answer to a request, or the connection is closed. It listens to the request because the
 * response emits nothing while it waits behind another one that the client has not read.
 */
export function onAnswered(request: IncomingMessage, callback: () => void): void {
  request.once('close', callback)
}

/** Destroys the connection of a request if the client has not read the answer within 30 s. */
export function startDeadline(request: IncomingMessage, clock: Clock): void {
  const answered = new AbortController()
  deadlines.set(request, answered)
  onAnswered(request, () => answered.abort())
  void clock.sleep(answerDeadlineMs, answered.signal).then(() => {
    if (!answered.signal.aborted) request.socket.destroy()
  })
}

/** Removes the deadline of a request. The route must end the answer itself. */
export function liftDeadline(request: IncomingMessage): void {
  deadlines.get(request)?.abort()
}
