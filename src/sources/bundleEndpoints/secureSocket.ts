import { isIP } from 'node:net'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { messageOf } from '../../errors.ts'
import type { BundleProblem } from '../../ledger/bundles/reasons.ts'
import { printable } from '../../text/printable.ts'
import { BundleFailure } from './failure.ts'

/** How the certificate of an endpoint is verified. The Web PKI rules apply to whatever is undefined. */
export interface TlsRules {
  /** The authorities to trust instead of the public ones, in PEM. */
  readonly ca?: readonly string[]
  /** Whether a chain may end at an authority that is not self-signed (X509-SVID section 6.1: it only should be). */
  readonly allowPartialTrustChain?: boolean
  /** Checks the leaf after its chain was verified; returns an error to refuse the leaf. */
  readonly checkServerIdentity?: (host: string, leaf: PeerCertificate) => Error | undefined
}

/**
 * Opens a TLS connection and verifies its peer. Connections share nothing, so that no session is resumed under other rules.
 * Throws BundleFailure. The caller must destroy the socket; it is also destroyed when `signal` aborts.
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
    // The listener stays: an error event without a listener would end the process.
    socket.on('error', (error: Error) => reject(handshakeFailure(error, isCertificateRefused(socket))))
    socket.once('close', () => reject(new BundleFailure('unreachable', 'the connection was closed')))
  })
}

/** Node.js sets authorizationError before the handshake fails; its type omits that it may be unset. */
function isCertificateRefused(socket: TLSSocket): boolean {
  return Boolean(socket.authorizationError)
}

function handshakeFailure(error: Error, isRefused: boolean): BundleFailure {
  if (error instanceof BundleFailure) return error
  const code = codeOf(error)
  const detail = printable(`${messageOf(error)} (${code})`)
  return new BundleFailure(isRefused ? refusalOf(code) : connectionProblemOf(code), detail)
}

/** Returns why OpenSSL or Node.js refused the certificate. */
function refusalOf(code: string): BundleProblem {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'tls_expired'
  return code.startsWith('ERR_TLS_CERT_ALTNAME') ? 'tls_wrong_name' : 'tls_untrusted'
}

/** Returns why a connection failed, from the code of its error. */
export function connectionProblemOf(code: string): BundleProblem {
  if (code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' || code.startsWith('HPE_')) return 'protocol'
  return code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO'
    ? 'tls_handshake'
    : 'unreachable'
}

/** Returns the code of an error of Node.js; '' if it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
