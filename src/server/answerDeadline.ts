import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'
import { onAnswered } from './onAnswered.ts'

/** From the arrival of a request's head until its answer has been taken, however slowly it is read. */
const answerDeadlineMs = 30_000

/** What ends the wait for each answer that is under way. */
const waits = new WeakMap<IncomingMessage, AbortController>()

/** Destroys the connection of a request whose answer has not been taken in time. */
export function cutWhenOverdue(request: IncomingMessage, clock: Clock): void {
  const answered = new AbortController()
  waits.set(request, answered)
  onAnswered(request, () => answered.abort())
  void clock.sleep(answerDeadlineMs, answered.signal).then(() => {
    if (!answered.signal.aborted) request.socket.destroy()
  })
}

/** Lets the answer take as long as it likes: whoever gives it sees to it that it ends. */
export function liftDeadline(request: IncomingMessage): void {
  waits.get(request)?.abort()
}
