import { Agent, type IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import type { Clock } from '../../clock.ts'
import { ask, checkStatus, within } from '../../http/ask.ts'
import { HttpError, httpErrorOf, StatusError } from '../../http/httpError.ts'
import { readLines } from '../../http/readBody.ts'
import { Silence } from '../../http/silence.ts'
import { isRecord, parseOrText } from '../../kubernetes/json.ts'
import {
  findingsContentType,
  findingsMediaType,
  findingsPath,
  findingsVersion,
  maxLineBytes,
  readableFindings,
  silentMs,
} from '../../nodeStream/contract.ts'
import type { Allowance } from './allowance.ts'
import type { Endpoint } from './endpointSlice.ts'
import { FindingsError } from './findingsError.ts'

export interface Connection extends Pick<Endpoint, 'address' | 'port'> {
  readonly token: string
  readonly clock: Clock
  /** What the node role may still send. */
  readonly allowance: Allowance
  /** Ends the connection and its stream when it aborts. */
  readonly signal: AbortSignal
}

/** The time limit from connecting until the head of the answer has arrived. */
const headMs = 5_000
const maxRefusalBytes = 4_096

/** The global agent may be configured to use a proxy, which pod addresses must not go through. */
const agent = new Agent({ keepAlive: false })

export function urlOf({ address, port }: Pick<Endpoint, 'address' | 'port'>): string {
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}${findingsPath}`
}

/**
 * Requests the findings of a node role. Resolves with their lines once it has answered with status 200. The lines must be
 * iterated; to stop iterating ends the connection. Throws a `FindingsError`, also while the lines are iterated; `timeout` after a
 * silence of 15 s, and a `TooMuchError` where the allowance does not suffice.
 */
export async function openFindings(connection: Connection): Promise<AsyncIterable<string>> {
  const { address: host, port, token, clock, signal } = connection
  const headers = { accept: findingsContentType, authorization: `Bearer ${token}` }
  const options = { host, port, path: findingsPath, headers, agent }
  try {
    return await within({ clock, ms: headMs, signal }, (limit) =>
      ask({ ...options, signal: limit }, (response) => checkedLines(response, connection)),
    )
  } catch (thrown) {
    throw failureOf(thrown)
  }
}

/** Returns the lines of an answer after checking its status, its type and the version of the findings. */
async function checkedLines(response: IncomingMessage, connection: Connection): Promise<AsyncIterable<string>> {
  await checkStatus(response, (status) => status === 200, maxRefusalBytes)
  const problem = problemOf(response.headers['content-type'] ?? '')
  if (problem === undefined) return linesOf(response, connection)
  response.destroy()
  throw new FindingsError('protocol', problem)
}

/** Returns why an answer of this type cannot be read, or undefined if it can. */
function problemOf(contentType: string): string | undefined {
  if (!contentType.startsWith(findingsMediaType))
    return `the answer is not ${findingsMediaType}: the endpoint is not a node role`
  const version = /;\s*version=([^;\s]{1,20})/.exec(contentType)?.[1]
  if (readableFindings.includes(version)) return undefined
  return `the node role sends version ${String(version)} of the findings, and this cluster role reads version ${findingsVersion}: upgrade the cluster role`
}

async function* linesOf(response: IncomingMessage, { clock, allowance, signal }: Connection): AsyncGenerator<string> {
  const silence = new Silence(clock, silentMs, signal)
  const cut = () => void response.destroy()
  silence.signal.addEventListener('abort', cut)
  try {
    for await (const line of readLines(metered(response, allowance), maxLineBytes)) {
      silence.broken()
      allowance.takeLine()
      yield line
    }
  } catch (thrown) {
    if (silence.isTooLong) throw new FindingsError('timeout', `nothing was received for ${silentMs / 1000} s`)
    throw failureOf(httpErrorOf(thrown, signal))
  } finally {
    silence.signal.removeEventListener('abort', cut) // A signal with a listener is kept until it aborts.
    silence.end()
  }
}

/** Yields the body of an answer. Takes all that arrives at its connection from the allowance: the framing of small chunks is work as well. */
async function* metered(response: IncomingMessage, allowance: Allowance): AsyncGenerator<Buffer> {
  const { socket } = response
  let taken = socket.bytesRead
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const { bytesRead } = socket
    allowance.takeBytes(bytesRead - taken)
    taken = bytesRead
    yield chunk
  }
}

/** Returns an error that is not an HttpError, such as the reason of an abort, unchanged. */
function failureOf(thrown: unknown): unknown {
  if (!(thrown instanceof HttpError)) return thrown
  // No request to a node role can conflict.
  const code = thrown.code === 'conflict' ? 'protocol' : thrown.code
  const answer = thrown instanceof StatusError ? `: ${messageIn(thrown.body)}` : ''
  return new FindingsError(code, thrown.message + answer, { cause: thrown })
}

/** Returns the message of an error of svidwatch's own API; the whole body if something else has answered. */
function messageIn(body: string): string {
  const answer = parseOrText(body)
  const error = isRecord(answer) && isRecord(answer.error) ? answer.error : {}
  return typeof error.message === 'string' ? error.message : body
}
