import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { connect, createSecureContext, TLSSocket, type SecureContext } from 'node:tls'
import { messageOf } from '../../src/errors.ts'

/**
 * Returns the DER of the certificates that OpenSSL reads from a chain in PEM, as a TLS server with this chain sends them, or why
 * OpenSSL refuses the chain. Node.js, Python, nginx and Envoy read chains with the same function, SSL_CTX_use_certificate_chain.
 */
export async function chainByOpenssl(chain: string, key: string): Promise<readonly Buffer[] | { refused: string }> {
  let secureContext: SecureContext
  try {
    secureContext = createSecureContext({ cert: Buffer.from(chain), key, maxVersion: 'TLSv1.2' })
  } catch (error) {
    return { refused: messageOf(error) }
  }
  return certificatesIn(await handshakeOf(secureContext))
}

/** Returns everything that the server sends until the handshake ends. Up to TLS 1.2, certificates are not encrypted. */
async function handshakeOf(secureContext: SecureContext): Promise<Buffer> {
  const sent: Buffer[] = []
  const [serverEnd, clientEnd] = connectedPair((chunk) => sent.push(chunk))
  const server = new TLSSocket(serverEnd, { isServer: true, secureContext })
  const client = connect({ socket: clientEnd, rejectUnauthorized: false })
  await once(client, 'secureConnect')
  client.destroy()
  server.destroy()
  return Buffer.concat(sent)
}

/** Returns two ends of a connection. `onSent` gets what is written to the first one. */
function connectedPair(onSent: (chunk: Buffer) => void): readonly [Duplex, Duplex] {
  const end = (other: () => Duplex, seen: (chunk: Buffer) => void) =>
    new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        seen(chunk)
        other().push(chunk)
        done()
      },
    })
  const first: Duplex = end(() => second, onSent)
  const second: Duplex = end(
    () => first,
    () => undefined,
  )
  return [first, second]
}

const recordTypes = { handshake: 22 }
const messageTypes = { certificate: 11 }

/** Returns the certificates of the first Certificate message (RFC 5246 section 7.4.2) in the records that a server sends. */
function certificatesIn(records: Buffer): readonly Buffer[] {
  const messages: Buffer[] = []
  for (let at = 0; at < records.length; at += 5 + records.readUInt16BE(at + 3)) {
    if (records[at] !== recordTypes.handshake) break
    messages.push(records.subarray(at + 5, at + 5 + records.readUInt16BE(at + 3)))
  }
  const stream = Buffer.concat(messages)
  let at = 0
  while (stream[at] !== messageTypes.certificate) at += 4 + stream.readUIntBE(at + 1, 3)

  const certificates: Buffer[] = []
  const end = at + 4 + stream.readUIntBE(at + 1, 3)
  for (at += 7; at < end; at += 3 + stream.readUIntBE(at, 3)) {
    certificates.push(stream.subarray(at + 3, at + 3 + stream.readUIntBE(at, 3)))
  }
  return certificates
}
