import { ExtendedKeyUsage, KeyUsageFlags } from '@peculiar/x509'
import { bothPurposes, endpointId, future, past, type BundlePki } from '../../../support/bundlePki.ts'
import { httpsServer, tcpServer, tlsServer } from '../../../support/bundleServers.ts'
import { createTestCa, type LeafOptions } from '../../../support/testCa.ts'
import { bound, federation, goodDocument, withLeaf, x509, type HostileServer } from './hostileServer.ts'

type Row = [what: string, outcome: HostileServer['outcome'], rule: string, start: HostileServer['start']]

const web = (options: Partial<LeafOptions>) => withLeaf((pki) => pki.webLeaf(options))
const svid = (options: Partial<LeafOptions>) => withLeaf((pki) => pki.svid(options))
const usage = (flags: KeyUsageFlags, critical = true) => svid({ usage: { flags, critical } })
const { digitalSignature, keyCertSign, cRLSign, keyEncipherment } = KeyUsageFlags

/** Signed by a CA that another one, which is to be trusted, has signed; the server sends it along. */
async function throughIntermediate(pki: BundlePki) {
  const intermediate = await createTestCa({ name: 'intermediate', signedBy: pki.spiffe })
  const leaf = await pki.svid({}, intermediate)
  return httpsServer({ ...leaf, certificatePem: leaf.certificatePem + intermediate.certificatePem }, (_, response) =>
    response.end(goodDocument(pki)),
  )
}

/** The authority's own certificate and key. */
const authorityItself = (which: 'web' | 'spiffe') => withLeaf((pki) => Promise.resolve({ ...pki[which], serial: '01' }))

/** As a client without HTTP/1.1 would see any other server. */
async function http2Only(pki: BundlePki) {
  return tlsServer(await pki.webLeaf(), (socket) => socket.end(), { ALPNProtocols: ['h2'] })
}

async function askingForClientCertificate(pki: BundlePki) {
  const options = { requestCert: true, rejectUnauthorized: true }
  return httpsServer(await pki.webLeaf(), (_, response) => response.end(goodDocument(pki)), options)
}

const webRows: readonly Row[] = [
  ['a certificate for its IP address', 'bundle', federation('5.2.1.4'), web({})],
  ['a certificate for another IP address', 'tls_wrong_name', federation('5.2.1.4'), web({ ips: ['127.0.0.2'] })],
  ['a certificate for another host', 'tls_wrong_name', federation('5.2.1.4'), web({ ips: [], dns: ['other.example'] })],
  ['a certificate without any name', 'tls_wrong_name', federation('5.2.1.4'), web({ ips: [] })],
  [
    'an X.509-SVID in the place of a certificate for its host',
    'tls_wrong_name',
    federation('5.2.1.4'),
    web({ ips: [], uris: [endpointId] }),
  ],
  ['an expired certificate', 'tls_expired', federation('5.2.1.4'), web(past)],
  ['a certificate that is not yet valid', 'tls_expired', federation('5.2.1.4'), web(future)],
  [
    'a certificate of an unknown authority',
    'tls_untrusted',
    federation('5.2.1.4'),
    withLeaf((pki) => pki.webLeaf({}, pki.stranger)),
  ],
  [
    'a certificate of the authority of an https_spiffe endpoint',
    'tls_untrusted',
    federation('5.2.1.4'),
    withLeaf((pki) => pki.webLeaf({}, pki.spiffe)),
  ],
  [
    'a self-signed certificate',
    'tls_untrusted',
    federation('5.2.1.4'),
    withLeaf(async () => ({ ...(await createTestCa({ name: 'alone' })), serial: '01' })),
  ],
  [
    'a certificate for clients only',
    'tls_untrusted',
    federation('5.2.1.4'),
    web({ extendedUsage: [ExtendedKeyUsage.clientAuth] }),
  ],
  ['a client certificate that it requires', 'tls_handshake', federation('5.2.1.3'), askingForClientCertificate],
  ['HTTP/2 only', 'protocol', 'RFC 7301 3.2', http2Only],
  [
    'TLS 1.1 only',
    'tls_handshake',
    federation('5'),
    async (pki) =>
      tlsServer(await pki.webLeaf(), (socket) => socket.end(), {
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      }),
  ],
  [
    'plain HTTP on its port',
    'tls_handshake',
    federation('5.2.1.1'),
    () => tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  ],
  ['no answer to a handshake', 'timeout', bound, () => tcpServer((_, stalled) => stalled())],
  [
    'a handshake that stops half-way',
    'timeout',
    bound,
    () => tcpServer((socket, stalled) => socket.write(Buffer.from([22, 3, 3, 0, 90]), () => stalled())),
  ],
  [
    'a port that is closed',
    'unreachable',
    bound,
    () => Promise.resolve({ url: 'https://127.0.0.1:1/', isStalled: () => false }),
  ],
  ['a connection that is closed at once', 'unreachable', bound, () => tcpServer((socket) => socket.destroy())],
]

const spiffeRows: readonly Row[] = [
  ['the X.509-SVID that is configured', 'bundle', federation('5.2.2.4'), svid({})],
  ['it, through a CA between', 'bundle', x509('5.1'), throughIntermediate],
  ['it, with a DNS name of another host', 'bundle', federation('5.2.2'), svid({ dns: ['other.example'] })],
  [
    'it, without extended key usage',
    'bundle',
    x509('4.4'),
    withLeaf(({ spiffe }) =>
      spiffe.issue({
        ...past,
        notAfter: future.notAfter,
        uris: [endpointId],
        usage: { flags: digitalSignature, critical: true },
      }),
    ),
  ],
  [
    'another SPIFFE ID of the trust domain',
    'tls_wrong_spiffe_id',
    federation('5.2.2.4'),
    svid({ uris: ['spiffe://partner.example/other'] }),
  ],
  [
    'the SPIFFE ID of another trust domain',
    'tls_wrong_spiffe_id',
    federation('5.2.2.4'),
    svid({ uris: ['spiffe://other.example/bundle-endpoint'] }),
  ],
  ['no URI SAN', 'tls_not_svid', x509('2'), svid({ uris: [], dns: ['partner.example'] })],
  ['two URI SANs', 'tls_not_svid', x509('2'), svid({ uris: [endpointId, 'spiffe://partner.example/other'] })],
  [
    'a URI SAN of another scheme',
    'tls_not_svid',
    x509('5.2'),
    svid({ uris: ['https://partner.example/bundle-endpoint'] }),
  ],
  ['the SPIFFE ID of a trust domain', 'tls_not_svid', x509('5.2'), svid({ uris: ['spiffe://partner.example'] })],
  [
    'a CA certificate that has the SPIFFE ID',
    'tls_not_svid',
    x509('5.2'),
    svid({ isCa: true, usage: { flags: digitalSignature | keyCertSign, critical: true } }),
  ],
  ['the certificate of the authority itself', 'tls_not_svid', x509('3.2'), authorityItself('spiffe')],
  ['keyCertSign in its key usage', 'tls_not_svid', x509('5.2'), usage(digitalSignature | keyCertSign)],
  ['cRLSign in its key usage', 'tls_not_svid', x509('5.2'), usage(digitalSignature | cRLSign)],
  ['a key usage that is not critical', 'tls_not_svid', x509('4.3'), usage(digitalSignature, false)],
  ['a key usage without digitalSignature', 'tls_not_svid', x509('4.3'), usage(keyEncipherment)],
  [
    'no key usage',
    'tls_not_svid',
    x509('4.3'),
    withLeaf(({ spiffe }) =>
      spiffe.issue({ ...past, notAfter: future.notAfter, uris: [endpointId], extendedUsage: bothPurposes }),
    ),
  ],
  [
    'an extended key usage without clientAuth',
    'tls_not_svid',
    x509('4.4'),
    svid({ extendedUsage: [ExtendedKeyUsage.serverAuth] }),
  ],
  [
    'an extended key usage without serverAuth',
    'tls_untrusted',
    x509('4.4'),
    svid({ extendedUsage: [ExtendedKeyUsage.clientAuth] }),
  ],
  ['an expired X.509-SVID', 'tls_expired', x509('5.1'), svid(past)],
  ['an X.509-SVID that is not yet valid', 'tls_expired', x509('5.1'), svid(future)],
  [
    'the SPIFFE ID, signed by an unknown authority',
    'tls_untrusted',
    federation('5.2.2.4'),
    withLeaf((pki) => pki.svid({}, pki.stranger)),
  ],
  [
    'the SPIFFE ID, signed by the authority of another endpoint',
    'tls_untrusted',
    federation('7.3'),
    withLeaf((pki) => pki.svid({}, pki.web)),
  ],
  ['a certificate of the Web PKI for its host', 'tls_untrusted', federation('7.2'), web({})],
]

/** What a server does before HTTP begins. */
export const hostileTls: readonly HostileServer[] = [
  ...webRows.map(([what, outcome, rule, start]) => ({ profile: 'https_web', what, outcome, rule, start }) as const),
  ...spiffeRows.map(
    ([what, outcome, rule, start]) => ({ profile: 'https_spiffe', what, outcome, rule, start }) as const,
  ),
]
