import { Agent, type IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import type { Clock } from '../../clock.ts'
import { SvidwatchError } from '../../errors.ts'
import { ask, checkStatus, within } from '../../http/ask.ts'
import { HttpError, httpErrorOf, StatusError } from '../../http/httpError.ts'
import { readLines } from '../../http/readBody.ts'
import { Silence } from '../../http/silence.ts'
import { isRecord, parseOrText } from '../../kubernetes/json.ts'
import type { TroubleReason } from '../../ledger/sight/reasons.ts'
import { findingsContentType, findingsPath, maxLineBytes, silentMs } from '../../nodeStream/contract.ts'
import type { Endpoint } from './endpointSlice.ts'

/** Why a node role cannot be followed at present. The message names no address. */
export class FindingsError extends SvidwatchError<TroubleReason> {}

export interface Connection extends Pick<Endpoint, 'address' | 'port'> {
  readonly token: string
  readonly clock: Clock
  /** Ends the connection and its stream. */
  readonly signal: AbortSignal
}

/** From the first packet until the head of the answer is there. */
const headMs = 5_000
const maxRefusalBytes = 4_096

/** An agent of our own, as the one that all share may be told to use a proxy, which addresses of pods are not for. */
const agent = new Agent({ keepAlive: false })

/** Where an endpoint offers its findings. */
export function urlOf({ address, port }: Pick<Endpoint, 'address' | 'port'>): string {
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}${findingsPath}`
}

/**
 * Asks a node role for its findings: resolves once it has said 200. The lines must be iterated; to stop that ends the
 * connection. Throws a `FindingsError`, then and while they are iterated, `timeout` once nothing is heard for a while.
 */
export async function openFindings(connection: Connection): Promise<AsyncIterable<string>> {
  const { address: host, port, token, clock, signal } = connection
  const headers = { accept: findingsContentType, authorization: `Bearer ${token}` }
  const options = { host, port, path: findingsPath, headers, agent }
  try {
    return await within({ clock, ms: headMs, signal }, (limit) =>
      ask({ ...options, signal: limit }, (response) => linesIn(response, connection)),
    )
  } catch (thrown) {
    throw failureOf(thrown)
  }
}

/** The lines of an answer, which are still to come. */
async function linesIn(response: IncomingMessage, connection: Connection): Promise<AsyncIterable<string>> {
  await checkStatus(response, (status) => status === 200, maxRefusalBytes)
  if (response.headers['content-type']?.startsWith(findingsContentType) === true) return linesOf(response, connection)
  response.destroy()
  throw new FindingsError('protocol', `the answer is no ${findingsContentType}: it is no node role that answers there`)
}

async function* linesOf(response: IncomingMessage, { clock, signal }: Connection): AsyncGenerator<string> {
  const silence = new Silence(clock, silentMs, signal)
  silence.signal.addEventListener('abort', () => response.destroy())
  try {
    for await (const line of readLines(response, maxLineBytes)) {
      silence.broken()
      yield line
    }
  } catch (thrown) {
    if (silence.isTooLong) throw new FindingsError('timeout', `nothing was heard for ${silentMs / 1000} s`)
    throw failureOf(httpErrorOf(thrown, signal))
  } finally {
    silence.end()
  }
}

/** Nobody hears what is thrown once the connection's signal has aborted. */
function failureOf(thrown: unknown): unknown {
  if (!(thrown instanceof HttpError)) return thrown
  // A node role conflicts with nobody.
  const code = thrown.code === 'conflict' ? 'protocol' : thrown.code
  const said = thrown instanceof StatusError ? `: ${messageIn(thrown.body)}` : ''
  return new FindingsError(code, thrown.message + said, { cause: thrown })
}

/** What svidwatch's own API says of an error, or whatever somebody else has sent. */
function messageIn(body: string): string {
  const answer = parseOrText(body)
  const error = isRecord(answer) && isRecord(answer.error) ? answer.error : {}
  return typeof error.message === 'string' ? error.message : body
}
