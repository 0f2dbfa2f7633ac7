import type { Clock } from '../../clock.ts'
import { within } from '../../http/ask.ts'
import { HttpError } from '../../http/httpError.ts'
import { TooLongError } from '../../http/tooLongError.ts'
import { isBundleEndpointUrl } from '../../identity/bundleEndpointUrl.ts'
import { printable } from '../../text/printable.ts'
import type { ConfiguredEndpoint } from './configured.ts'
import { BundleFailure } from './failure.ts'
import { request } from './request.ts'
import { codeOf, connectionProblemOf, type TlsRules } from './secureSocket.ts'

/** The time limit of one attempt, redirects included. */
const attemptMs = 10_000
const maxRedirects = 5

/** The URL of an endpoint, and the other hosts to which it may redirect. */
export type DownloadTarget = Pick<ConfiguredEndpoint, 'url' | 'redirectHosts'>

/**
 * Returns the document that an endpoint serves. Redirects to valid bundle endpoint URLs are followed under the same rules, and
 * are not remembered (SPIFFE Federation sections 5.2.1.4, 5.2.2.4 and 7.5.1). Those to another host or port are followed only if it is
 * listed: clients should follow all, but what becomes of a connection tells the endpoint's owner what svidwatch can reach. Throws
 * BundleFailure.
 */
export async function download(
  target: DownloadTarget,
  rules: TlsRules,
  clock: Clock,
  parent: AbortSignal,
): Promise<string> {
  try {
    return await within({ clock, ms: attemptMs, signal: parent }, (signal) => follow(target, rules, signal))
  } catch (thrown) {
    throw failureOf(thrown)
  }
}

async function follow(target: DownloadTarget, rules: TlsRules, signal: AbortSignal): Promise<string> {
  let url = new URL(target.url)
  const hosts = [url.host, ...(target.redirectHosts ?? [])]
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const answer = await request(url, rules, signal)
    if ('document' in answer) return answer.document
    url = answer.redirect
    if (!isBundleEndpointUrl(url.href))
      throw refused(`${url.protocol}//${url.host}, which is not a valid bundle endpoint URL`)
    if (!hosts.includes(url.host))
      throw refused(`another host, and bundleEndpoints[].redirectHosts lacks it: ${url.host}`)
  }
  throw new BundleFailure('redirect_loop', `the endpoint redirects more than ${maxRedirects} times`)
}

const refused = (target: string) =>
  new BundleFailure('redirect_refused', printable(`the endpoint redirects to ${target}`))

/** Returns an error that is not an HttpError, such as the reason of an abort, unchanged. */
function failureOf(thrown: unknown): unknown {
  if (!(thrown instanceof HttpError)) return thrown
  const { message, cause } = thrown
  if (thrown.code === 'timeout') return new BundleFailure('timeout', `no complete answer within ${attemptMs / 1000} s`)
  if (thrown instanceof TooLongError) return new BundleFailure('too_large', message)
  return new BundleFailure(connectionProblemOf(codeOf(cause)), message)
}
