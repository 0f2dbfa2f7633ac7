import 'reflect-metadata' // @peculiar/x509 needs it to be loaded first.
import { webcrypto, X509Certificate } from 'node:crypto'
import net from 'node:net'
import type { TlsOptions } from 'node:tls'
import { KeyUsageFlags } from '@peculiar/x509'
import type { ProbeOutcome } from '../../../../src/ledger/workloads/reasons.ts'
import type { Server } from '../../../../src/sources/servedSvids/connection.ts'
import { future, past, type BundlePki } from '../../../support/bundlePki.ts'
import { createTestCa, type Issued, type LeafOptions } from '../../../support/testCa.ts'
import { record, resettingRelay, tcpServer, tlsServer, type OnSocket, type TestServer } from './testServer.ts'

type Started = TestServer & Pick<Server, 'serverName' | 'alpn'> & { readonly client?: Issued }

/** One kind of server, and what a probe of it comes to. */
export interface ServerKind {
  /** Completes "a server with ...", "a server that ...". */
  readonly what: string
  readonly outcome: ProbeOutcome
  /** The detail of a probe without an SVID. `PORT` stands for the port of the server. */
  readonly detail?: string
  readonly start: (pki: BundlePki) => Promise<Started>
}

const { digitalSignature, keyCertSign } = KeyUsageFlags

const svid =
  (leaf: Partial<LeafOptions> = {}, options: TlsOptions = {}) =>
  async (pki: BundlePki) =>
    tlsServer(await pki.svid(leaf), options)

const old = (version: 'TLSv1' | 'TLSv1.1') =>
  svid({}, { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' })

const demanding = (maxVersion: 'TLSv1.2' | 'TLSv1.3') => async (pki: BundlePki) =>
  tlsServer(await pki.svid(), { maxVersion, requestCert: true, ca: pki.web.certificatePem })

const withBehind = (behind: (pki: BundlePki) => Promise<string> | string) => async (pki: BundlePki) => {
  const issued = await pki.svid()
  return tlsServer({ ...issued, certificatePem: issued.certificatePem + (await behind(pki)) })
}

const tcp = (onSocket: OnSocket) => () => tcpServer(onSocket)
const answering = (answer: string | Buffer) => tcp((socket) => socket.once('data', () => socket.write(answer)))

/** Sends the same again and again, as fast as the client reads. */
const endless = (bytes: Buffer) =>
  tcp((socket) => {
    const send = () => {
      while (socket.writable && socket.write(bytes));
    }
    socket.on('drain', send).once('data', send)
  })

/** A TLS server behind a relay that resets the connection after so many bytes of the server. */
const resetAfter = (bytes: number, options: TlsOptions) => async (pki: BundlePki) =>
  resettingRelay(await svid({}, options)(pki), bytes)

/** A server that is read in time although each of its bytes comes alone. */
const byteByByte = async (pki: BundlePki) => {
  const { host, port } = await svid()(pki)
  return tcpServer((client) => {
    const server = net.connect({ host, port, noDelay: true })
    client.setNoDelay(true).on('data', (data) => server.write(data))
    client.on('end', () => server.end())
    server.on('error', () => undefined)
    server.on('data', (data) => {
      for (const byte of data) client.write(Buffer.of(byte))
    })
    server.on('end', () => client.end())
  })
}

const nobody = (host: string) => () => Promise.resolve({ host, port: 1, isStalled: () => false })
const alert = (code: number) => record(21, Buffer.of(2, code))

/** Returns a text of bytes with its length before it, in three bytes. */
function sized(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0, bytes.length >> 8, bytes.length & 255), bytes])
}

/** A ServerHello of TLS 1.2, and a Certificate with one certificate (RFC 5246 section 7.4). */
function presenting(der: Buffer): Buffer {
  const hello = Buffer.concat([Buffer.of(2, 0, 0, 38, 3, 3), Buffer.alloc(32, 7), Buffer.of(0, 0xc0, 0x2b, 0)])
  const certificate = Buffer.concat([Buffer.of(11), sized(sized(sized(der)))])
  return Buffer.concat([record(22, hello), record(22, certificate)])
}

/** An SVID whose key is no point of its curve. */
async function unreadableKey(pki: BundlePki): Promise<Started> {
  const der = new X509Certificate((await pki.svid()).certificatePem).raw
  const point = der.indexOf(Buffer.of(0x03, 0x42, 0x00, 0x04))
  der[point + 3] = 0
  return answering(presenting(der))()
}

export const serverKinds: readonly ServerKind[] = [
  { what: 'an SVID, with TLS 1.3', outcome: 'svid', start: svid({}, { minVersion: 'TLSv1.3' }) },
  { what: 'an SVID, with TLS 1.2', outcome: 'svid', start: svid({}, { maxVersion: 'TLSv1.2' }) },
  { what: 'an SVID, with TLS 1.1 only', outcome: 'svid', start: old('TLSv1.1') },
  { what: 'an SVID, with TLS 1.0 only', outcome: 'svid', start: old('TLSv1') },
  { what: 'an SVID that demands a client certificate, with TLS 1.3', outcome: 'svid', start: demanding('TLSv1.3') },
  { what: 'an SVID that demands a client certificate, with TLS 1.2', outcome: 'svid', start: demanding('TLSv1.2') },
  {
    what: 'an SVID that gets a client certificate that it refuses',
    outcome: 'svid',
    start: async (pki) => ({ ...(await demanding('TLSv1.3')(pki)), client: await pki.svid() }),
  },
  { what: 'an SVID through a CA between', outcome: 'svid', start: throughIntermediate },
  { what: 'an expired SVID', outcome: 'svid', start: svid(past) },
  { what: 'an SVID that is not valid yet', outcome: 'svid', start: svid(future) },
  {
    what: 'an SVID of an unknown authority',
    outcome: 'svid',
    start: async (pki) => tlsServer(await pki.svid({}, pki.stranger)),
  },
  { what: 'an SVID at an IPv6 address', outcome: 'svid', start: async (pki) => tlsServer(await pki.svid(), {}, '::1') },
  {
    what: 'an SVID at an address that is given by name',
    outcome: 'svid',
    start: async (pki) => ({ ...(await svid()(pki)), host: 'localhost' }),
  },
  { what: 'an SVID, one byte at a time', outcome: 'svid', start: byteByByte },
  {
    what: 'an SVID for a name that it does not know',
    outcome: 'svid',
    start: async (pki) => ({ ...(await svid()(pki)), serverName: 'unknown.example' }),
  },
  {
    what: 'an SVID that resets the connection after the certificate, with TLS 1.2',
    outcome: 'svid',
    start: resetAfter(900, { maxVersion: 'TLSv1.2' }),
  },
  {
    what: 'a certificate of the Web PKI',
    outcome: 'no_spiffe_id',
    detail: 'no URI among the subject alternative names',
    start: async (pki) => tlsServer(await pki.webLeaf()),
  },
  {
    what: 'two URIs in its certificate',
    outcome: 'no_spiffe_id',
    detail: '2 URIs, among them "spiffe://a.example/b" and "spiffe://a.example/c"',
    start: svid({ uris: ['spiffe://a.example/b', 'spiffe://a.example/c'] }),
  },
  {
    what: 'a URI of another scheme',
    outcome: 'no_spiffe_id',
    detail: '"https://a.example/b": does not begin with spiffe://',
    start: svid({ uris: ['https://a.example/b'] }),
  },
  {
    what: 'the SPIFFE ID of a trust domain',
    outcome: 'no_spiffe_id',
    detail: '"spiffe://a.example": names a trust domain, not a workload',
    start: svid({ uris: ['spiffe://a.example'] }),
  },
  {
    what: 'a SPIFFE ID in the certificate of a CA',
    outcome: 'malformed_certificate',
    detail: 'certificate 1 is a CA certificate; the leaf must come first',
    start: svid({ isCa: true, usage: { flags: digitalSignature | keyCertSign, critical: true } }),
  },
  {
    what: 'a chain with a certificate that is not that of a CA',
    outcome: 'malformed_certificate',
    detail: 'certificate 2 is behind the leaf and not that of a CA',
    start: withBehind(({ leafPem }) => leafPem),
  },
  {
    what: 'a chain of 25 certificates',
    outcome: 'malformed_certificate',
    detail: 'more than 20 certificates',
    start: deepChain,
  },
  {
    what: 'a chain of more than 100 kB',
    outcome: 'too_large',
    detail: 'excessive message size (ERR_SSL_EXCESSIVE_MESSAGE_SIZE)',
    start: withBehind(({ web }) => web.certificatePem.repeat(1000)),
  },
  {
    what: 'bytes that are not DER in the place of its certificate',
    outcome: 'malformed_certificate',
    detail: 'wrong tag (ERR_SSL_WRONG_TAG)',
    start: answering(presenting(Buffer.of(1, 2, 3, 4))),
  },
  {
    what: 'an SVID whose key cannot be read',
    outcome: 'svid',
    start: unreadableKey,
  },
  {
    what: 'other application protocols than the probe offers (ALPN)',
    outcome: 'no_common_protocol',
    detail: 'tlsv1 alert no application protocol (ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL)',
    start: async (pki) => ({ ...(await svid({}, { ALPNProtocols: ['h2'] })(pki)), alpn: ['http/1.1'] }),
  },
  {
    what: 'no certificate',
    outcome: 'no_common_protocol',
    detail: 'ssl/tls alert handshake failure (ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE)',
    start: () => tlsServer({ certificatePem: '', keyPem: '' }),
  },
  {
    what: 'an SVID, with DHE as the only key exchange',
    outcome: 'no_common_protocol',
    detail: 'ssl/tls alert handshake failure (ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE)',
    start: diffieHellmanOnly,
  },
  {
    what: 'an alert that says that it does not know the name (SNI)',
    outcome: 'wrong_name',
    detail: 'tlsv1 unrecognized name (ERR_SSL_TLSV1_UNRECOGNIZED_NAME)',
    start: async () => ({ ...(await answering(alert(112))()), serverName: 'unknown.example' }),
  },
  {
    what: 'an alert that says that it has an internal error',
    outcome: 'handshake_failed',
    detail: 'tlsv1 alert internal error (ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR)',
    start: answering(alert(80)),
  },
  {
    what: 'a message of the handshake in the wrong place',
    outcome: 'handshake_failed',
    detail: 'unexpected message (ERR_SSL_UNEXPECTED_MESSAGE)',
    start: answering(record(22, Buffer.of(14, 0, 0, 0))),
  },
  {
    what: 'plain HTTP',
    outcome: 'no_tls',
    detail: 'wrong version number (ERR_SSL_WRONG_VERSION_NUMBER)',
    start: answering('HTTP/1.1 400 Bad Request\r\n\r\n'),
  },
  {
    what: 'a greeting, such as SSH',
    outcome: 'no_tls',
    detail: 'wrong version number (ERR_SSL_WRONG_VERSION_NUMBER)',
    start: tcp((socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n')),
  },
  {
    what: 'silence',
    outcome: 'timeout',
    detail: 'connected, and the server sent nothing within 5000 ms',
    start: tcp((_, stalled) => stalled()),
  },
  {
    what: 'a handshake that stops half-way',
    outcome: 'timeout',
    detail: 'the server sent 5 bytes, and no certificate within 5000 ms',
    start: tcp((socket, stalled) => socket.write(Buffer.of(22, 3, 3, 0, 90), () => stalled())),
  },
  {
    what: 'HelloRequests without end, which TLS 1.2 lets a client ignore',
    outcome: 'too_large',
    detail: 'the server has sent more than 262144 bytes, and no certificate',
    start: endless(record(22, Buffer.alloc(16_000))),
  },
  {
    what: 'warnings without end',
    outcome: 'too_large',
    detail: 'too many warn alerts (ERR_SSL_TOO_MANY_WARN_ALERTS)',
    start: endless(record(21, Buffer.of(1, 90))),
  },
  {
    what: 'records without content and without end',
    outcome: 'handshake_failed',
    detail: 'record too small (ERR_SSL_RECORD_TOO_SMALL)',
    start: endless(record(22, Buffer.alloc(0))),
  },
  {
    what: 'a connection that is closed at once',
    outcome: 'closed',
    detail: 'the server closed the connection',
    start: tcp((socket) => socket.end()),
  },
  {
    what: 'a connection that is reset after the ClientHello',
    outcome: 'closed',
    detail: 'the server reset the connection',
    start: tcp((socket) => socket.once('data', () => socket.resetAndDestroy())),
  },
  {
    what: 'a connection that is closed after the ClientHello',
    outcome: 'closed',
    detail: 'the server closed the connection',
    start: tcp((socket) => socket.once('data', () => socket.end())),
  },
  {
    what: 'a connection that is reset within the ServerHello',
    outcome: 'closed',
    detail: 'the server reset the connection',
    start: resetAfter(20, {}),
  },
  {
    what: 'a connection that is reset within the certificate, with TLS 1.2',
    outcome: 'closed',
    detail: 'the server reset the connection',
    start: resetAfter(300, { maxVersion: 'TLSv1.2' }),
  },
  {
    what: 'a connection that is reset within the certificate, with TLS 1.3',
    outcome: 'closed',
    detail: 'the server reset the connection',
    start: resetAfter(300, { minVersion: 'TLSv1.3' }),
  },
  {
    what: 'nothing that listens at the port',
    outcome: 'refused',
    detail: 'connect ECONNREFUSED 127.0.0.1:PORT',
    start: nobody('127.0.0.1'),
  },
  {
    what: 'a name that does not resolve',
    outcome: 'unreachable',
    detail: 'getaddrinfo ENOTFOUND nothing.invalid',
    start: nobody('nothing.invalid'),
  },
]

/** Node.js has these suites for certificates with RSA keys only. */
async function diffieHellmanOnly(pki: BundlePki): Promise<Started> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Buffer.of(1, 0, 1),
  }
  const issued = await pki.svid({ keys: await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) })
  return tlsServer(issued, { maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-GCM-SHA256', dhparam: 'auto' })
}

/** An SVID with 24 CAs behind it, each signed by the next. */
async function deepChain(pki: BundlePki): Promise<Started> {
  let ca = pki.spiffe
  let behind = ''
  for (let depth = 0; depth < 24; depth += 1) {
    ca = await createTestCa({ name: `ca-${depth}`, signedBy: ca })
    behind = ca.certificatePem + behind
  }
  const issued = await pki.svid({}, ca)
  return tlsServer({ ...issued, certificatePem: issued.certificatePem + behind })
}

async function throughIntermediate(pki: BundlePki): Promise<Started> {
  const between = await createTestCa({ name: 'between', signedBy: pki.spiffe })
  const issued = await pki.svid({}, between)
  return tlsServer({ ...issued, certificatePem: issued.certificatePem + between.certificatePem })
}
