import { constants } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'

/** A client certificate with its chain, and its private key, in PEM. */
export interface ClientCertificate {
  readonly cert: string
  readonly key: string
}

/**
 * Returns what connections have in common. It is made once, since that takes as long as a handshake. Nearly everything that OpenSSL
 * can speak is offered, so that the certificate of an old server can be read too: TLS 1.0 and 1.1 need security level 0, and some
 * servers are older than secure renegotiation (RFC 5746). DHE is not offered: the server would choose the group, and OpenSSL
 * computes with one of 10,000 bits for half a second, on the thread that answers scrapes. There are no authorities, because nothing
 * is verified here, and one key share for the group that nearly all servers choose. Throws an error of OpenSSL for a client
 * certificate that cannot be used.
 */
export function contextFor(client?: ClientCertificate): SecureContext {
  return createSecureContext({
    minVersion: 'TLSv1',
    ciphers: 'ALL:!aNULL:!PSK:!SRP:!kDHE:@SECLEVEL=0',
    ecdhCurve: 'X25519:P-256:P-384:P-521:X448:X25519MLKEM768',
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
    ca: [],
    ...client,
  })
}
