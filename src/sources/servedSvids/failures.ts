import { messageOf } from '../../errors.ts'
import { printable } from '../../text/printable.ts'
import type { NoSvid } from './answer.ts'

type Failure = NoSvid['outcome']

/** Returns why a connection was not made, from the error of the system or of the resolver. */
export function connectFailure(error: Error): NoSvid {
  const code = codeOf(error)
  return closing(error) ?? { outcome: code === 'ECONNREFUSED' ? 'refused' : 'unreachable', detail: described(error) }
}

/** Returns why a handshake ended without a certificate. */
export function handshakeFailure(error: Error): NoSvid {
  const code = codeOf(error)
  const known = sslFailures.find(([pattern]) => pattern.test(code))?.[1]
  const outcome = known ?? (certificateParsers.test(messageOf(error)) ? 'malformed_certificate' : 'handshake_failed')
  return closing(error) ?? { outcome, detail: described(error) }
}

/** Node.js gives the code of a reset also to a connection that was closed; only a reset comes from a call of the system. */
function closing(error: Error): NoSvid | undefined {
  const code = codeOf(error)
  if (code !== 'ECONNRESET' && code !== 'EPIPE') return undefined
  return { outcome: 'closed', detail: `the server ${'syscall' in error ? 'reset' : 'closed'} the connection` }
}

/** The codes that Node.js makes of OpenSSL's reasons. The first pattern that matches counts. */
const sslFailures: readonly (readonly [RegExp, Failure])[] = [
  [/^ERR_SSL_(WRONG_VERSION_NUMBER|WRONG_SSL_VERSION|NOT_ON_RECORD_BOUNDARY|HTTP_REQUEST)$/, 'no_tls'],
  [/^ERR_SSL_(PACKET_LENGTH_TOO_LONG|ENCRYPTED_LENGTH_TOO_LONG|DATA_LENGTH_TOO_LONG)$/, 'no_tls'],
  [/^ERR_SSL_(EXCESSIVE_MESSAGE_SIZE|TOO_MANY_)/, 'too_large'],
  [/UNRECOGNIZED_NAME$/, 'wrong_name'],
  [/ALERT_(NO_APPLICATION_PROTOCOL|HANDSHAKE_FAILURE|PROTOCOL_VERSION|INSUFFICIENT_SECURITY)$/, 'no_common_protocol'],
  [
    /^ERR_SSL_(UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|UNKNOWN_PROTOCOL|INAPPROPRIATE_FALLBACK)$/,
    'no_common_protocol',
  ],
  [/^ERR_SSL_(WRONG_CIPHER_RETURNED|UNKNOWN_CIPHER_RETURNED|WRONG_CURVE|DH_KEY_TOO_SMALL)$/, 'no_common_protocol'],
  [
    /^ERR_SSL_(UNKNOWN_CERTIFICATE_TYPE|UNABLE_TO_FIND_PUBLIC_KEY_PARAMETERS|CERT_LENGTH_MISMATCH)$/,
    'malformed_certificate',
  ],
]

/** OpenSSL's names for what reads certificates and their keys. */
const certificateParsers = /:(asn1 encoding|x509 certificate|DECODER|elliptic curve) routines:/

/** Returns the message of an error, without the place in OpenSSL's source that Node.js has in it, and with the code. */
function described(error: Error): string {
  const code = codeOf(error)
  const message = messageOf(error)
  const reason = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message)?.[1] ?? message
  return printable(code === '' || reason.includes(code) ? reason : `${reason} (${code})`)
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
