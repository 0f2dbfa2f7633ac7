import { isIP } from 'node:net'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { messageOf } from '../../errors.ts'
import type { BundleProblem } from '../../ledger/bundles/reasons.ts'
import { printable } from '../../text/printable.ts'
import { BundleFailure } from './failure.ts'

/** How the certificate of an endpoint is judged; what is undefined is as on the Web. */
export interface TlsRules {
  /** PEM; in the place of the public authorities. */
  readonly ca?: readonly string[]
  /** An authority needs not be self-signed to end a chain (X509-SVID section 6.1: it only should be). */
  readonly allowPartialTrustChain?: boolean
  /** Judges the leaf once its chain is verified. */
  readonly checkServerIdentity?: (host: string, leaf: PeerCertificate) => Error | undefined
}

/**
 * A new TLS connection whose peer has proved who it is. Nothing is shared between two of them, so that no session is ever resumed
 * under other rules. Throws BundleFailure. The caller destroys the socket; it is destroyed when `signal` aborts.
 */
export async function openSecureSocket(url: URL, rules: TlsRules, signal: AbortSignal): Promise<TLSSocket> {
  signal.throwIfAborted()
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const { ca, ...others } = rules
  const socket = connect({
    host,
    port: Number(url.port || 443),
    servername: isIP(host) === 0 ? host : '',
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    ...(ca !== undefined && { ca: [...ca] }),
    ...others,
  })
  const abort = () => socket.destroy()
  signal.addEventListener('abort', abort, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', abort))
  await untilSecure(socket)
  return socket
}

function untilSecure(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve)
    // The listener stays: an error that nobody listens for would end the process.
    socket.on('error', (error: Error) => reject(handshakeFailure(error, isCertificateRefused(socket))))
    socket.once('close', () => reject(new BundleFailure('unreachable', 'the connection was closed')))
  })
}

/** Node.js notes the refusal of a certificate before it fails; its type does not say that there may be none. */
function isCertificateRefused(socket: TLSSocket): boolean {
  return Boolean(socket.authorizationError)
}

function handshakeFailure(error: Error, isRefused: boolean): BundleFailure {
  if (error instanceof BundleFailure) return error
  const code = codeOf(error)
  const detail = printable(`${messageOf(error)} (${code})`)
  return new BundleFailure(isRefused ? refusalOf(code) : connectionProblemOf(code), detail)
}

/** What OpenSSL or Node.js had against the certificate. */
function refusalOf(code: string): BundleProblem {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'tls_expired'
  return code.startsWith('ERR_TLS_CERT_ALTNAME') ? 'tls_wrong_name' : 'tls_untrusted'
}

/** What went wrong with a connection, from the code of its error. */
export function connectionProblemOf(code: string): BundleProblem {
  if (code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' || code.startsWith('HPE_')) return 'protocol'
  return code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO'
    ? 'tls_handshake'
    : 'unreachable'
}

/** The code of an error of Node.js; '' where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
