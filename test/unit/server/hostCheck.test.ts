import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { connectTo } from '../../support/rawClient.ts'
import { startTestServers } from '../../support/testServers.ts'

/** Returns the answer to a request with this Host header, or with none. */
async function answerTo(url: string, path: string, host: string | undefined, version = '1.1'): Promise<string> {
  const head = host === undefined ? '' : `host: ${host}\r\n`
  return text(await connectTo(url, `GET ${path} HTTP/${version}\r\n${head}connection: close\r\n\r\n`))
}

const refusalOf = (host: string) => ({
  error: {
    code: 'wrong_host',
    message: `this server listens on a loopback address and answers only requests for localhost or an IP address (got "${host}")`,
  },
})

describe('a server on a loopback address', () => {
  it.each([
    'localhost',
    'LocalHost:9797',
    'localhost.:9797',
    '127.0.0.1:9797',
    '127.8.8.8',
    '[::1]:9797',
    '[::1]',
    '10.0.0.7:8443',
  ])('answers requests for this machine, and those that a proxy forwards: %s', async (host) => {
    const { url, probeUrl } = await startTestServers()
    expect(await answerTo(url, '/metrics', host)).toMatch(/^HTTP\/1.1 200 /)
    expect(await answerTo(probeUrl, '/healthz', host)).toMatch(/^HTTP\/1.1 200 /)
  })

  it.each([
    'attacker.example',
    'attacker.example:9797',
    'localhost.attacker.example',
    'localhost:9797.attacker.example',
    '127.0.0.1.attacker.example',
    '[attacker.example]',
    'localhost@attacker.example',
  ])('refuses what a web page with another name can send: %s', async (host) => {
    const { url, probeUrl } = await startTestServers()
    for (const [port, path] of [
      [url, '/metrics'],
      [url, '/api/v1/svids'],
      [url, '/nothing'],
      [probeUrl, '/healthz'],
    ] as const) {
      const answer = await answerTo(port, path, host)
      expect(answer).toMatch(/^HTTP\/1.1 421 /)
      expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual(refusalOf(host))
    }
  })

  it('answers HTTP/1.0 without a Host header, which no browser sends', async () => {
    const { url } = await startTestServers()
    expect(await answerTo(url, '/metrics', undefined, '1.0')).toMatch(/^HTTP\/1.1 200 /)
  })
})

it.each(['any', '::', '0.0.0.0'])('a server on every address (%s) answers to any name', async (address) => {
  const { url } = await startTestServers({ address })
  expect(await answerTo(url, '/metrics', 'svidwatch.team-a.svc')).toMatch(/^HTTP\/1.1 200 /)
})
