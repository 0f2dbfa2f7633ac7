/** TLS servers at all addresses of the machine's loopback network, in a process of their own. Each presents an SVID and a CA. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { tell } from '../probe.ts'
import { createTestCa } from '../../support/testCa.ts'

const [maxVersion = 'TLSv1.3', demands = ''] = process.argv.slice(2)
const ca = await createTestCa()
const hourMs = 3_600_000
const { notBefore, notAfter } = { notBefore: new Date(0), notAfter: new Date(2 ** 41 + hourMs) }
const leaf = await ca.issue({ uris: ['spiffe://example.org/ns/team-a/sa/web'], notBefore, notAfter })
const server = createServer(
  {
    cert: leaf.certificatePem + ca.certificatePem,
    key: leaf.keyPem,
    maxVersion: maxVersion === 'TLSv1.2' ? 'TLSv1.2' : 'TLSv1.3',
    requestCert: demands === 'demands',
    ca: ca.certificatePem,
  },
  (socket) => socket.on('error', () => undefined).resume(),
)
server.on('tlsClientError', () => undefined)
server.listen({ port: 0, host: '0.0.0.0', backlog: 1024 })
await once(server, 'listening')
tell({ port: (server.address() as AddressInfo).port, ca: ca.certificatePem })
process.once('disconnect', () => process.exit())
