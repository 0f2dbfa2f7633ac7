import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { caCertificatesOf, type CaCertificate } from '../../../../src/identity/certificate.ts'
import { temporaryFile } from '../../../support/askedEndpoints.ts'
import { createBundlePki, endpointId, type BundlePki } from '../../../support/bundlePki.ts'
import type { TestCa } from '../../../support/testCa.ts'
import { ProbedWorld } from './probedWorld.ts'
import { tcpServer, tlsServer, type TestServer } from './testServer.ts'

let pki: BundlePki
beforeAll(async () => {
  pki = await createBundlePki()
})

const addressOf = ({ host, port }: TestServer) => ({ text: `${host}:${port}`, host, port })

function authoritiesIn({ certificatePem }: TestCa): readonly CaCertificate[] {
  const read = caCertificatesOf([certificatePem], 1)
  if ('problem' in read) throw new Error(read.detail)
  return read
}

describe('a configured server', () => {
  it('is probed in each interval, and its SVID is reported each time, once its reload too', async () => {
    const first = await pki.svid()
    const next = await pki.svid()
    const server = tls.createServer({ cert: first.certificatePem, key: first.keyPem }, (socket) => socket.resume())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as net.AddressInfo
    const world = new ProbedWorld({ targets: [{ address: { text: `web:${port}`, host: '127.0.0.1', port } }] })
    await world.until('served', 2)
    server.setSecureContext({ cert: next.certificatePem, key: next.keyPem })
    const seen = world.all('served').length
    const steps = await world.until('served', seen + 2)
    const fingerprintOf = (pem: string) => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
    const expected = (pem: string) => ({
      target: { address: `web:${port}` },
      result: { svid: expect.objectContaining({ spiffeId: endpointId, fingerprint: fingerprintOf(pem) }) as unknown },
    })
    expect(steps[0]?.served).toEqual(expected(first.certificatePem))
    expect(steps.at(-1)?.served).toEqual(expected(next.certificatePem))
  })

  it('is told the configured name, protocols and client certificate, and a new client certificate without a restart', async () => {
    const [one, two] = [await pki.svid({}, pki.web), await pki.svid({}, pki.web)]
    const told: { servername: unknown; alpn: unknown; client: string }[] = []
    const own = await pki.svid()
    const options = { cert: own.certificatePem, key: own.keyPem, ca: pki.web.certificatePem, ALPNProtocols: ['h2'] }
    const server = tls.createServer({ ...options, requestCert: true }, (socket) => {
      const { servername, alpnProtocol: alpn } = socket as tls.TLSSocket & { servername: unknown }
      told.push({ servername, alpn, client: socket.getPeerX509Certificate()?.toString() ?? '' })
      socket.resume()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as net.AddressInfo
    const certificate = temporaryFile(one.certificatePem)
    const key = temporaryFile(one.keyPem)
    const target = {
      address: { text: `web:${port}`, host: '127.0.0.1', port },
      ...{ serverName: 'web.example', alpn: ['h2'], clientCertificate: certificate.path, clientKey: key.path },
    }
    const world = new ProbedWorld({ targets: [target] })
    await world.until('served')
    certificate.write(two.certificatePem)
    key.write(two.keyPem)
    await world.until('served', world.all('served').length + 2)
    const asTold = ({ certificatePem }: typeof one) => ({
      ...{ servername: 'web.example', alpn: 'h2', client: new X509Certificate(certificatePem).toString() },
    })
    expect(told[0]).toEqual(asTold(one))
    expect(told.at(-1)).toEqual(asTold(two))
  })

  it('is probed without a client certificate that cannot be read, which is refused once', async () => {
    const server = await tlsServer(await pki.svid())
    const files = { clientCertificate: '/nowhere/client.pem', clientKey: '/nowhere/client-key.pem' }
    const world = new ProbedWorld({ targets: [{ address: addressOf(server), ...files }] })
    const [step] = await world.until('served', 3)
    expect(step?.served.result).toMatchObject({ svid: { spiffeId: endpointId } })
    expect(world.all('rejected')).toEqual([
      {
        kind: 'rejected',
        source: 'servedSvids',
        reason: 'missing',
        where: '/nowhere/client.pem',
        detail: 'it does not exist',
      },
    ])
  })

  it('is judged by the bundle of its trust domain, and again once the bundle changes', async () => {
    const server = await tlsServer(await pki.svid())
    let authorities: readonly CaCertificate[] | undefined
    const world = new ProbedWorld({
      targets: [{ address: addressOf(server) }],
      authoritiesOf: (trustDomain) => (trustDomain === 'partner.example' ? authorities : undefined),
    })
    const verdictAfter = async (given: readonly CaCertificate[]) => {
      authorities = given
      const steps = await world.until('served', world.all('served').length + 2)
      const result = steps.at(-1)?.served.result
      return result && 'svid' in result ? result.verdict : undefined
    }
    const [first] = await world.until('served')
    expect(first?.served.result).not.toHaveProperty('verdict')
    expect(await verdictAfter(authoritiesIn(pki.stranger))).toMatchObject({ refusal: 'unknown_authority' })
    const spiffe = authoritiesIn(pki.spiffe)
    expect(await verdictAfter(spiffe)).toMatchObject({ authority: spiffe[0]?.fingerprint })
  })
})

describe('a certificate that svidwatch fails on', () => {
  it.each(['web:8443', 'team-a/u-1'])('is refused with its server, here %s, and the source goes on', async (name) => {
    const server = await tlsServer(await pki.svid())
    let calls = 0
    const world = new ProbedWorld({
      targets: name === 'web:8443' ? [{ address: { ...addressOf(server), text: name } }] : [],
      // Each probe asks twice: to learn whether it needs the chain, and to judge the SVID.
      authoritiesOf: () => {
        calls += 1
        if (calls % 2 === 0) throw new Error('there is a fault')
        return undefined
      },
    })
    if (name !== 'web:8443') world.pod('u-1', { ports: [server.port] })
    const where = name === 'web:8443' ? name : `${name}, port ${server.port}`
    const detail = 'svidwatch failed on what the server presents: there is a fault'
    const rejected = { kind: 'rejected', source: 'servedSvids', reason: 'malformed_certificate', where, detail }
    expect((await world.until('rejected', 2)).slice(0, 2)).toEqual([rejected, rejected])
    expect(world.all('trouble')).toEqual([])
  })
})

describe('a port of a pod', () => {
  it('is probed at the address of the pod', async () => {
    const server = await tlsServer(await pki.svid())
    const world = new ProbedWorld()
    world.pod('u-1', { ports: [server.port] })
    const [step] = await world.until('served')
    expect(step?.served).toMatchObject({
      target: { podUid: 'u-1', port: server.port },
      result: { svid: { spiffeId: endpointId } },
    })
  })

  it('is reported as gone once the pod is deleted, or the port is no longer named, and is probed no more', async () => {
    const server = await tlsServer(await pki.svid())
    const world = new ProbedWorld()
    world.pod('u-1', { ports: [server.port] })
    world.pod('u-2', { ports: [server.port, 1] })
    await world.until('served', 3)
    world.pods.observe({ kind: 'podDeleted', uid: 'u-1' })
    world.pod('u-2', { ports: [1] })
    expect(world.all('unserved').map(({ target }) => target)).toEqual([
      { podUid: 'u-1', port: server.port },
      { podUid: 'u-2', port: server.port },
    ])
    const before = world.all('served').length
    const later = (await world.until('served', before + 3)).slice(before)
    expect(later.map(({ served }) => served.target)).toEqual(later.map(() => ({ podUid: 'u-2', port: 1 })))
  })

  it('has no result if the pod was deleted during the handshake, since the address may be that of another pod', async () => {
    const world = new ProbedWorld()
    const own = await pki.svid()
    const server = await tcpServer((socket) => {
      world.pods.observe({ kind: 'podDeleted', uid: 'u-1' })
      const secure = new tls.TLSSocket(socket, { isServer: true, cert: own.certificatePem, key: own.keyPem })
      secure.on('error', () => undefined).resume()
    })
    world.pod('u-1', { ports: [server.port] })
    await world.until('served')
    const ofTarget = world.observations.filter(({ kind }) => kind === 'served' || kind === 'unserved')
    const target = { podUid: 'u-1', port: server.port }
    const detail = 'the pod ended, or got another address, during the handshake'
    expect(ofTarget).toEqual([
      { kind: 'unserved', target },
      { kind: 'served', served: { target, result: { outcome: 'pod_gone', detail } } },
      { kind: 'unserved', target },
    ])
  })

  it('has no result if the pod got another address during the handshake, and is probed there', async () => {
    const world = new ProbedWorld()
    const own = await pki.svid()
    const server = await tlsServer(own, {}, '::')
    world.pod('u-1', { ports: [server.port] })
    const moving = await tcpServer((socket) => {
      world.pod('u-1', { ports: [moving.port], address: '127.0.0.2' })
      socket.pipe(net.connect(server.port, '127.0.0.1')).pipe(socket)
    }, '0.0.0.0')
    world.pod('u-1', { ports: [moving.port] })
    const steps = await world.until('served', 2)
    expect(steps.map(({ served: { result } }) => ('svid' in result ? 'svid' : result.outcome))).toEqual([
      'pod_gone',
      'svid',
    ])
    expect(world.all('unserved').map(({ target }) => target)).toEqual([{ podUid: 'u-1', port: server.port }])
  })

  it('is not connected to in the network of a node, which is reported once', async () => {
    let connections = 0
    const server = await tcpServer(() => (connections += 1))
    const world = new ProbedWorld({ targets: [{ address: { text: 'closed:1', host: '127.0.0.1', port: 1 } }] })
    world.pod('u-1', { ports: [server.port], hostNetwork: true, address: '' })
    await world.until('served', 4)
    const ofPod = world.all('served').filter(({ served }) => 'podUid' in served.target)
    const target = { podUid: 'u-1', port: server.port }
    const result = { outcome: 'host_network', detail: 'nothing connects to the address of a node' }
    expect(ofPod.map(({ served }) => served)).toEqual([{ target, result }])
    expect(connections).toBe(0)
  })

  it('of a pod that says something wrong is refused once, whatever else changes', () => {
    const world = new ProbedWorld()
    const problem = { reason: 'malformed_probe_annotation', detail: 'svidwatch.io/probe: it is wrong' } as const
    world.pod('u-1', { problem })
    world.pod('u-1', { problem, address: '' })
    expect(world.all('rejected')).toEqual([
      { kind: 'rejected', source: 'servedSvids', where: 'team-a/u-1', ...problem },
    ])
  })
})

describe('the pods to probe', () => {
  it('are those of the last list, also while a list goes on, and those that could not be read', () => {
    const world = new ProbedWorld()
    const { pods } = world
    for (const uid of ['u-1', 'u-2', 'u-3']) world.pod(uid, { ports: [8443] })
    pods.observe({ kind: 'listing', source: 'pods' })
    world.pod('u-1', { ports: [8443] })
    pods.observe({ kind: 'unread', source: 'pods', uid: 'u-2' })
    expect(pods.get('u-3')).toBeDefined()
    pods.observe({ kind: 'listed', source: 'pods', resourceVersion: '7' })
    expect(['u-1', 'u-2', 'u-3'].filter((uid) => pods.get(uid) !== undefined)).toEqual(['u-1', 'u-2'])
    expect(world.all('unserved')).toEqual([{ kind: 'unserved', target: { podUid: 'u-3', port: 8443 } }])
  })

  it('of other namespaces stay while one namespace is listed', () => {
    const { pods } = new ProbedWorld()
    const probed = { where: 'team-a/web', address: '192.0.2.1', hostNetwork: false, ports: [8443] }
    pods.seen('u-1', probed, 'team-a')
    pods.seen('u-2', probed, 'team-b')
    pods.observe({ kind: 'listing', source: 'pods', namespace: 'team-a' })
    pods.observe({ kind: 'listed', source: 'pods', namespace: 'team-a', resourceVersion: '7' })
    expect(['u-1', 'u-2'].filter((uid) => pods.get(uid) !== undefined)).toEqual(['u-2'])
  })
})
