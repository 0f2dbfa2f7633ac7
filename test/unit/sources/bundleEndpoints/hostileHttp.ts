import { gzipSync } from 'node:zlib'
import type { Socket } from 'node:net'
import type { BundlePki } from '../../../support/bundlePki.ts'
import { httpsServer, tlsServer } from '../../../support/bundleServers.ts'
import { answers, bound, federation, goodDocument, type HostileServer } from './hostileServer.ts'

type Row = [what: string, outcome: HostileServer['outcome'], rule: string, start: HostileServer['start']]

const nothing = () => ''
const status = (code: number) => answers(code, {}, code === 204 ? nothing : goodDocument)
const redirect = (code: number, location: string) => answers(code, { location }, nothing)

/** Sends raw bytes in the place of an answer, once the request has come. */
const sends = (act: (socket: Socket, stalled: () => void) => void) => async (pki: BundlePki) =>
  tlsServer(await pki.webLeaf(), (socket, stalled) => socket.once('data', () => act(socket, stalled)))

/** Writes for as long as somebody takes it. */
function writeForEver(socket: Socket, text: string): void {
  const write = () => {
    while (!socket.destroyed && socket.write(text));
  }
  socket.on('drain', write)
  write()
}

const head = 'HTTP/1.1 200 OK\r\n'
const part = 'x'.repeat(10_000)

type Leaf = (pki: BundlePki) => ReturnType<BundlePki['webLeaf']>
const webLeaf: Leaf = (pki) => pki.webLeaf()

/** Redirects to another path of its own. */
const redirectsHere = (code: number) => async (pki: BundlePki) =>
  httpsServer(await pki.webLeaf(), (request, response) => {
    if (request.url === '/') response.writeHead(code, { location: '/bundle.json' }).end()
    else response.end(goodDocument(pki))
  })

/** Redirects to a server with that certificate, which serves a bundle. The settings list it, unless said. */
const redirectsTo =
  (leaf: Leaf, own = webLeaf, isListed = true) =>
  async (pki: BundlePki) => {
    const { url } = await httpsServer(await leaf(pki), (_, response) => response.end(goodDocument(pki)))
    const server = await httpsServer(await own(pki), (_, response) => response.writeHead(302, { location: url }).end())
    return { ...server, ...(isListed && { redirectHosts: [new URL(url).host] }) }
  }

const svid: Leaf = (pki) => pki.svid()
const otherSvid: Leaf = (pki) => pki.svid({ uris: ['spiffe://partner.example/other'] })
const otherHost: Leaf = (pki) => pki.webLeaf({ ips: ['127.0.0.2'] })
const stranger: Leaf = (pki) => pki.webLeaf({}, pki.stranger)

const spiffeRows: readonly Row[] = [
  ['a redirect to a server with the same SPIFFE ID', 'bundle', federation('5.2.2.4'), redirectsTo(svid, svid)],
  ['a redirect to another SPIFFE ID', 'tls_wrong_spiffe_id', federation('5.2.2.4'), redirectsTo(otherSvid, svid)],
  ['a redirect to a server of the Web PKI', 'tls_untrusted', federation('5.2.2.4'), redirectsTo(webLeaf, svid)],
  ['a redirect to a host that is not listed', 'redirect_refused', bound, redirectsTo(svid, svid, false)],
]

const webRows: readonly Row[] = [
  ['HTTP status 204', 'http_status', federation('5.2.1.3'), status(204)],
  ['HTTP status 206', 'http_status', federation('5.2.1.3'), status(206)],
  ['HTTP status 304', 'http_status', federation('5.2.1.3'), answers(304, {}, nothing)],
  ['HTTP status 401', 'http_status', federation('5.2.1.3'), status(401)],
  ['HTTP status 404', 'http_status', federation('5.2.1.3'), status(404)],
  ['HTTP status 500', 'http_status', federation('5.2.1.3'), status(500)],
  ['a temporary redirect to another path', 'bundle', federation('5.2.1.4'), redirectsHere(307)],
  ['a permanent redirect to another path', 'bundle', federation('7.5.1'), redirectsHere(308)],
  ['a redirect to another valid endpoint', 'bundle', federation('5.2.1.4'), redirectsTo(webLeaf)],
  ['a redirect to a certificate for another host', 'tls_wrong_name', federation('5.2.1.4'), redirectsTo(otherHost)],
  ['a redirect to a server of an unknown authority', 'tls_untrusted', federation('5.2.1.4'), redirectsTo(stranger)],
  ['a redirect to an X.509-SVID', 'tls_untrusted', federation('5.2.1.4'), redirectsTo(svid)],
  ['a redirect to a host that is not listed', 'redirect_refused', bound, redirectsTo(webLeaf, webLeaf, false)],
  ['a redirect to http', 'redirect_refused', federation('5.2.1.1'), redirect(302, 'http://127.0.0.1/bundle')],
  [
    'a redirect to a URL with user information',
    'redirect_refused',
    federation('5.2.1.1'),
    redirect(302, 'https://user:secret@127.0.0.1/'),
  ],
  ['a redirect to a file', 'redirect_refused', federation('5.2.1.1'), redirect(302, 'file:///etc/passwd')],
  ['a redirect to what is no URL', 'redirect_refused', federation('5.2.1.1'), redirect(302, 'https://[')],
  ['a redirect without Location', 'redirect_refused', 'RFC 7231 6.4', answers(302, {}, nothing)],
  ['a redirect to itself', 'redirect_loop', bound, redirect(302, '/')],
  [
    'a body in chunks',
    'bundle',
    'RFC 7230 4.1',
    async (pki) =>
      httpsServer(await pki.webLeaf(), (_, response) => {
        for (const character of goodDocument(pki).toString()) response.write(character)
        response.end()
      }),
  ],
  [
    'Content-Type text/plain',
    'bundle',
    federation('5.2.1.3'),
    answers(200, { 'content-type': 'text/plain' }, goodDocument),
  ],
  [
    'a body that does not end',
    'too_large',
    bound,
    sends((socket) => {
      socket.write(`${head}\r\n`)
      writeForEver(socket, part)
    }),
  ],
  [
    'a body in chunks that does not end',
    'too_large',
    bound,
    sends((socket) => {
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
      writeForEver(socket, `${part.length.toString(16)}\r\n${part}\r\n`)
    }),
  ],
  ['a body of 2 MiB', 'too_large', bound, answers(200, {}, () => ' '.repeat(2_097_152))],
  [
    'a gzip bomb, unasked',
    'protocol',
    bound,
    answers(200, { 'content-encoding': 'gzip' }, () => gzipSync(Buffer.alloc(50_000_000))),
  ],
  [
    'a gzip bomb that it does not own up to',
    'malformed_json',
    federation('5.2.1.3'),
    answers(200, {}, () => gzipSync(Buffer.alloc(50_000_000))),
  ],
  [
    'headers that do not end',
    'protocol',
    bound,
    sends((socket) => {
      socket.write(head)
      writeForEver(socket, `X-Header: ${part}\r\n`)
    }),
  ],
  [
    'interim answers that do not end',
    'timeout',
    bound,
    sends((socket, stalled) => {
      stalled()
      writeForEver(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n')
    }),
  ],
  ['no answer to a request', 'timeout', bound, sends((_, stalled) => stalled())],
  [
    'a slow body',
    'timeout',
    bound,
    sends((socket, stalled) => socket.write(`${head}Content-Length: 100\r\n\r\n{`, () => stalled())),
  ],
  [
    'a body that ends early',
    'unreachable',
    'RFC 7230 3.4',
    sends((socket) => socket.end(`${head}Content-Length: 100\r\n\r\n{}`)),
  ],
  ['a connection that is closed before an answer', 'unreachable', bound, sends((socket) => socket.destroy())],
  [
    'a switch to another protocol',
    'unreachable',
    'RFC 7230 6.7',
    sends((socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')),
  ],
  [
    'garbage in the place of HTTP',
    'protocol',
    'RFC 7230 3',
    sends((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n\r\n')),
  ],
  [
    'HTTP/2, whatever is asked for',
    'protocol',
    'RFC 9113 3.2',
    sends((socket) => socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))),
  ],
  [
    'garbage in the place of chunks',
    'protocol',
    'RFC 7230 4.1',
    sends((socket) => socket.end(`${head}Transfer-Encoding: chunked\r\n\r\nnope\r\n`)),
  ],
  [
    'both Content-Length and Transfer-Encoding',
    'protocol',
    'RFC 7230 3.3.3',
    sends((socket) => socket.end(`${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`)),
  ],
]

/** What a server does in the place of answering with a document. */
export const hostileHttp: readonly HostileServer[] = [
  ...webRows.map(([what, outcome, rule, start]) => ({ profile: 'https_web', what, outcome, rule, start }) as const),
  ...spiffeRows.map(
    ([what, outcome, rule, start]) => ({ profile: 'https_spiffe', what, outcome, rule, start }) as const,
  ),
]
