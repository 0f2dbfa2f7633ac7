import type { IncomingMessage } from 'node:http'
import { ask } from '../../http/ask.ts'
import { readBytes } from '../../http/readBody.ts'
import { printable } from '../../text/printable.ts'
import { BundleFailure } from './failure.ts'
import { openSecureSocket, type TlsRules } from './secureSocket.ts'

/** The answer of an endpoint: its document, or the target of a redirect. */
export type Answer = { readonly document: string } | { readonly redirect: URL }

const maxDocumentBytes = 1_048_576
const redirects: readonly unknown[] = [301, 302, 303, 307, 308]

/** Sends one request over a new connection. Throws BundleFailure, or the error of node:http or of the connection. */
export async function request(url: URL, rules: TlsRules, signal: AbortSignal): Promise<Answer> {
  const socket = await openSecureSocket(url, rules, signal)
  const headers = { host: url.host, accept: 'application/json', 'accept-encoding': 'identity' }
  const options = { createConnection: () => socket, path: url.pathname + url.search, headers }
  try {
    return await ask(options, (response) => answerOf(response, url))
  } finally {
    socket.destroy()
  }
}

async function answerOf(response: IncomingMessage, url: URL): Promise<Answer> {
  const { statusCode, headers } = response
  if (redirects.includes(statusCode)) return { redirect: targetOf(headers.location, url) }
  if (statusCode !== 200)
    throw new BundleFailure('http_status', `the endpoint answers with HTTP status ${statusCode ?? 0}`)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') {
    throw new BundleFailure(
      'protocol',
      printable(`the endpoint answers with content encoding ${encoding}, which was not requested`),
    )
  }
  return { document: textOf(await readBytes(response, maxDocumentBytes)) }
}

function targetOf(location: string | undefined, url: URL): URL {
  if (location !== undefined && URL.canParse(location, url.href)) return new URL(location, url)
  throw new BundleFailure(
    'redirect_refused',
    printable(`the endpoint redirects to ${location ?? 'nowhere: no Location header'}`),
  )
}

/** SPIFFE Federation sections 5.2.1.3 and 5.2.2.3: the document is encoded as UTF-8. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new BundleFailure('malformed_json', 'the document is not UTF-8')
  }
}
