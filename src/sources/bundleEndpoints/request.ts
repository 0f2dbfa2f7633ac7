import http, { type IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { messageOf } from '../../errors.ts'
import { printable } from '../../text/printable.ts'
import { BundleFailure } from './failure.ts'
import { codeOf, connectionProblemOf, openSecureSocket, type TlsRules } from './secureSocket.ts'

/** What an endpoint answers: its document, or where else to ask. */
export type Answer = { readonly document: string } | { readonly redirect: URL }

const maxDocumentBytes = 1_048_576
const redirects: readonly unknown[] = [301, 302, 303, 307, 308]

/** Asks once, over a connection of its own. Throws BundleFailure. */
export async function request(url: URL, rules: TlsRules, signal: AbortSignal): Promise<Answer> {
  const socket = await openSecureSocket(url, rules, signal)
  try {
    return await ask(url, socket)
  } catch (error) {
    if (error instanceof BundleFailure) throw error
    throw new BundleFailure(connectionProblemOf(codeOf(error)), printable(messageOf(error)))
  } finally {
    socket.destroy()
  }
}

/** What the parser of node:http has against an answer comes as an error of the request, also when its body is being read. */
function ask(url: URL, socket: TLSSocket): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = http.request({
      createConnection: () => socket,
      path: url.pathname + url.search,
      headers: { host: url.host, accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'svidwatch' },
    })
    const closed = () => reject(new BundleFailure('unreachable', 'the connection was closed without an answer'))
    sent.once('response', (response) => {
      sent.removeListener('close', closed)
      answerOf(response, url).then(resolve, reject)
    })
    sent.on('error', reject)
    sent.once('close', closed)
    sent.end()
  })
}

async function answerOf(response: IncomingMessage, url: URL): Promise<Answer> {
  const { statusCode, headers } = response
  if (redirects.includes(statusCode)) return { redirect: targetOf(headers.location, url) }
  if (statusCode !== 200) throw new BundleFailure('http_status', `it answers with HTTP status ${statusCode ?? 0}`)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') {
    throw new BundleFailure(
      'protocol',
      printable(`it answers with content encoding ${encoding}, which was not asked for`),
    )
  }
  return { document: textOf(await readDocument(response)) }
}

function targetOf(location: string | undefined, url: URL): URL {
  if (location !== undefined && URL.canParse(location, url.href)) return new URL(location, url)
  throw new BundleFailure('redirect_refused', printable(`it redirects to ${location ?? 'nowhere: no Location header'}`))
}

async function readDocument(response: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    length += chunk.length
    if (length > maxDocumentBytes) {
      throw new BundleFailure('too_large', `the document has more than ${maxDocumentBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** SPIFFE Federation sections 5.2.1.3 and 5.2.2.3: the document is encoded as UTF-8. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new BundleFailure('malformed_json', 'the document is not UTF-8')
  }
}
