import type { IncomingMessage } from 'node:http'

/**
 * Calls back once a request's answer has been taken, or its connection is gone. The request tells of both; the response says
 * nothing where it still waits behind another one that the client has not read.
 */
export function onAnswered(request: IncomingMessage, callback: () => void): void {
  request.once('close', callback)
}
