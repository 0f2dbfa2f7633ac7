import { Agent, request, type IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import { deadline, type Clock } from '../../clock.ts'
import { messageOf, SvidwatchError } from '../../errors.ts'
import { readLines, readText } from '../../http/readBody.ts'
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
  const { clock, signal } = connection
  const limit = deadline(clock, headMs, signal)
  try {
    const response = await send(connection, limit.signal)
    await check(response)
    return linesOf(response, clock)
  } catch (thrown) {
    throw failureOf(limit.signal.aborted ? limit.signal.reason : thrown)
  } finally {
    limit.cancel()
  }
}

function send({ address, port, token }: Connection, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = { accept: findingsContentType, authorization: `Bearer ${token}`, 'user-agent': 'svidwatch' }
  return new Promise((resolve, reject) => {
    request({ host: address, port, path: findingsPath, headers, agent, signal }, resolve).on('error', reject).end()
  })
}

/** Throws a `FindingsError` for an answer that is no stream of findings. Redirects are not followed. */
async function check(response: IncomingMessage): Promise<void> {
  const { statusCode = 0, headers } = response
  const isStream = headers['content-type']?.startsWith(findingsContentType) === true
  if (statusCode === 200 && isStream) return
  const said = await readText(response, maxRefusalBytes).catch(() => '')
  if (statusCode !== 200) throw new FindingsError(reasonOf(statusCode), `status ${statusCode}: ${messageIn(said)}`)
  throw new FindingsError('protocol', `the answer is no ${findingsContentType}: it is no node role that answers there`)
}

async function* linesOf(response: IncomingMessage, clock: Clock): AsyncGenerator<string> {
  const ended = new AbortController()
  let heardMs = clock.monotonicMs()
  const endWhenSilent = async () => {
    while (!ended.signal.aborted && clock.monotonicMs() - heardMs < silentMs) {
      await clock.sleep(heardMs + silentMs - clock.monotonicMs(), ended.signal)
    }
    if (ended.signal.aborted) return
    response.destroy(new FindingsError('timeout', `nothing was heard for ${silentMs / 1000} s`))
  }
  void endWhenSilent()
  try {
    for await (const line of readLines(response, maxLineBytes)) {
      heardMs = clock.monotonicMs()
      yield line
    }
  } catch (thrown) {
    throw failureOf(thrown)
  } finally {
    ended.abort()
  }
}

function failureOf(thrown: unknown): FindingsError {
  if (thrown instanceof FindingsError) return thrown
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new FindingsError('timeout', thrown.message, { cause: thrown })
  }
  const code = thrown instanceof SvidwatchError ? 'protocol' : 'unreachable'
  return new FindingsError(code, messageOf(thrown), { cause: thrown })
}

const reasonsByStatus: Readonly<Record<number, TroubleReason>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  429: 'throttled',
}

function reasonOf(status: number): TroubleReason {
  return reasonsByStatus[status] ?? (status >= 500 ? 'server_error' : 'protocol')
}

/** What svidwatch's own API says of an error, or whatever somebody else has sent. */
function messageIn(body: string): string {
  const answer = parseOrText(body)
  const error = isRecord(answer) && isRecord(answer.error) ? answer.error : {}
  return typeof error.message === 'string' ? error.message : body
}
