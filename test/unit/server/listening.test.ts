import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { createLog } from '../../../src/log/log.ts'
import { createHttp } from '../../../src/server/http.ts'
import { listen } from '../../../src/server/listening.ts'
import { startTestServers } from '../../support/testServers.ts'

const portOf = (url: string) => Number(new URL(url).port)

/** The addresses at which other machines reach this one. */
const addressesForOthers = Object.values(networkInterfaces())
  .flatMap((found = []) => found)
  .filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0)
  .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address))

const isAnswered = (host: string, port: number): Promise<boolean> =>
  fetch(`http://${host}:${port}/`).then(
    (answer) => answer.ok,
    () => false,
  )

describe('a server that listens on any address', () => {
  it('is reached with both families, from this machine and from others', async () => {
    const { url, probeUrl, addresses, probeAddresses } = await startTestServers({ address: 'any' })
    const port = portOf(url)
    expect(addresses).toEqual([`[::]:${port}`])
    expect(probeAddresses).toEqual([`[::]:${portOf(probeUrl)}`])
    expect(url).toBe(`http://127.0.0.1:${port}`)
    for (const host of ['127.0.0.1', '[::1]', 'localhost', ...addressesForOthers])
      expect(await isAnswered(host, port), host).toBe(true)
    expect((await fetch(`http://[::1]:${portOf(probeUrl)}/healthz`)).status).toBe(200)
  })
})

describe('a server that listens on loopback', () => {
  it('is reached with both families from this machine, and by no other', async () => {
    const { url, probeUrl, addresses, probeAddresses } = await startTestServers({ address: 'loopback' })
    const [port, probePort] = [portOf(url), portOf(probeUrl)]
    expect(addresses).toEqual([`127.0.0.1:${port}`, `[::1]:${port}`])
    expect(probeAddresses).toEqual([`127.0.0.1:${probePort}`, `[::1]:${probePort}`])
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) expect(await isAnswered(host, port), host).toBe(true)
    for (const host of addressesForOthers) expect(await isAnswered(host, port), host).toBe(false)
  })

  it('refuses the names of web pages on both', async () => {
    const { url } = await startTestServers({ address: 'loopback' })
    for (const host of ['127.0.0.1', '::1']) {
      const request = get({ host, port: portOf(url), headers: { host: 'attacker.example' } })
      const [answer] = (await once(request, 'response')) as [IncomingMessage]
      expect(answer.statusCode).toBe(421)
      answer.resume()
    }
  })

  it('closes within a second whatever clients of either do, and frees both ports', async () => {
    const first = await startTestServers({ address: 'loopback' })
    const [port, probePort] = [portOf(first.url), portOf(first.probeUrl)]
    const agent = new Agent({ keepAlive: true })
    const [idle] = (await once(get({ host: '::1', port, agent }), 'response')) as [IncomingMessage]
    await idle.resume().toArray()
    const halfRequest = connect(port, '::1')
    halfRequest.write('GET / HTTP/1.1\r\n')
    await once(halfRequest, 'connect')
    const startMs = systemClock.now()
    await first.close()
    expect(systemClock.now() - startMs).toBeLessThan(1_000)
    halfRequest.destroy()
    agent.destroy()
    const second = await startTestServers({ address: 'loopback', port, probePort })
    expect(second.addresses).toEqual(first.addresses)
  })

  it('is one error when another program has the port of one family', async () => {
    const other = await startTestServers({ address: '::1' })
    const port = portOf(other.url)
    await expect(startTestServers({ address: 'loopback', port })).rejects.toThrow(
      `cannot listen on [::1]:${port} (server.port): the port is in use: stop the program that uses it, or set another port`,
    )
    expect((await startTestServers({ port })).addresses).toEqual([`127.0.0.1:${port}`])
  })
})

describe('an address that the machine does not have', () => {
  async function listenOn(addresses: readonly string[], onAll = false) {
    const log = createLog({ level: 'error', format: 'json', clock: systemClock })
    const limits = { connections: 10, requestMs: 1_000, idleMs: 1_000, keepAliveMs: 0 }
    const http = createHttp(log, systemClock, 'any', limits)
    const listener = await listen(http, { addresses, onAll, port: 0, setting: 'server.port', clock: systemClock })
    onTestFinished(() => listener.close())
    return listener
  }

  it.each([
    ['the next one is taken', ['2001:db8::1', '127.0.0.1'], false],
    ['the others are all that is left', ['127.0.0.1', '2001:db8::1'], true],
    ['the others are all that is left, in any order', ['2001:db8::1', '127.0.0.1'], true],
  ])('is left out: %s', async (_, addresses, onAll) => {
    const listener = await listenOn(addresses, onAll)
    expect(listener.addresses).toEqual([new URL(listener.url).host])
    expect(listener.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await fetch(listener.url)).status).toBe(404)
  })

  it('is named where there is no other', async () => {
    await expect(listenOn(['2001:db8::1', '192.0.2.1'])).rejects.toThrow(
      'cannot listen on 192.0.2.1:0 (server.port): this machine has no such address: set another server.address',
    )
  })
})
