import type { IncomingMessage } from 'node:http'
import { ask } from '../../http/ask.ts'
import { readBytes } from '../../http/readBody.ts'
import { printable } from '../../text/printable.ts'
import { BundleFailure } from './failure.ts'
import { openSecureSocket, type TlsRules } from './secureSocket.ts'

/** What an endpoint answers: its document, or where else to ask. */
export type Answer = { readonly document: string } | { readonly redirect: URL }

const maxDocumentBytes = 1_048_576
const redirects: readonly unknown[] = [301, 302, 303, 307, 308]

/** Asks once, over a connection of its own. Throws BundleFailure, or what node:http and the connection say. */
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
  if (statusCode !== 200) throw new BundleFailure('http_status', `it answers with HTTP status ${statusCode ?? 0}`)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') {
    throw new BundleFailure(
      'protocol',
      printable(`it answers with content encoding ${encoding}, which was not asked for`),
    )
  }
  return { document: textOf(await readBytes(response, maxDocumentBytes)) }
}

function targetOf(location: string | undefined, url: URL): URL {
  if (location !== undefined && URL.canParse(location, url.href)) return new URL(location, url)
  throw new BundleFailure('redirect_refused', printable(`it redirects to ${location ?? 'nowhere: no Location header'}`))
}

/** SPIFFE Federation sections 5.2.1.3 and 5.2.2.3: the document is encoded as UTF-8. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new BundleFailure('malformed_json', 'the document is not UTF-8')
  }
}
