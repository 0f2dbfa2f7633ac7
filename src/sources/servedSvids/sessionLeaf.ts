import { DerError, DerReader, derTags } from '../../identity/der.ts'

/** What newer releases of Node.js put before the session of OpenSSL, and the length of a host behind it. */
const header = Buffer.from('\0nodejs:tls:session:1\0', 'latin1')

/** The tag [3], of the certificate of the peer. */
const peerTag = 0xa3

/**
 * Returns the DER of the peer's certificate in what `TLSSocket.getSession` returns; undefined if it has none, or has another form. That is
 * OpenSSL's SSL_SESSION in DER: a sequence whose members have tags of their own from the fifth on.
 */
export function leafOfSession(session: Buffer): Buffer | undefined {
  try {
    const members = DerReader.ofBytes(withoutHeader(session)).inside(derTags.sequence, 'the session')
    return members.all((from) => from.any()).find(({ tag }) => tag === peerTag)?.content
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

function withoutHeader(session: Buffer): Buffer {
  if (!session.subarray(0, header.length).equals(header) || session.length < header.length + 2) return session
  return session.subarray(header.length + 2 + session.readUInt16BE(header.length))
}
