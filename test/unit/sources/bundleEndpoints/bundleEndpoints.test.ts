import type { IncomingHttpHeaders } from 'node:http'
import { TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { FileCalls } from '../../../../src/files/fileCalls.ts'
import { createBundleEndpoints } from '../../../../src/sources/bundleEndpoints/bundleEndpoints.ts'
import { AskedEndpoints, codeOf, temporaryFile } from '../../../support/askedEndpoints.ts'
import { bundleOf, createBundlePki, type BundlePki } from '../../../support/bundlePki.ts'
import { httpsServer, tcpServer } from '../../../support/bundleServers.ts'
import { fixtureText } from '../../../support/fixtures.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { eventually } from '../../../support/eventually.ts'
import { realFiles } from '../../../support/realFiles.ts'

const trustDomain = 'partner.example'

let pki: BundlePki
beforeAll(async () => {
  pki = await createBundlePki()
})

/** An https_web endpoint that serves what `document` says at the time. */
async function webEndpoint(document: () => string, name = trustDomain) {
  const { url } = await httpsServer(await pki.webLeaf(), (_, response) => response.end(document()))
  return entry(url, name)
}

function entry(url: string, name = trustDomain) {
  const { path } = temporaryFile(pki.web.certificatePem)
  return { trustDomain: name, url, profile: 'https_web', certificateAuthorities: path } as const
}

describe('bundle endpoints', () => {
  test('are announced at once, and the source is in contact when each has been asked', async () => {
    const good = await webEndpoint(() => bundleOf([pki.web]), 'good.example')
    const bad = await webEndpoint(() => 'no bundle', 'bad.example')
    const asked = new AskedEndpoints({ endpoints: [good, bad] })
    expect(asked.observations).toEqual(
      [good, bad].map(({ trustDomain: name, url, profile }) => ({
        kind: 'bundleEndpoint',
        endpoint: { trustDomain: name, url, profile },
      })),
    )
    await eventually(() => expect(asked.observations.at(-1)).toEqual({ kind: 'contact', source: 'bundleEndpoints' }))
    expect(codeOf(await asked.outcome('good.example'))).toBe('bundle')
    expect(codeOf(await asked.outcome('bad.example'))).toBe('malformed_json')
  })

  test('give their bundle', async () => {
    const asked = new AskedEndpoints({
      endpoints: [await webEndpoint(() => fixtureText('spire/bundle-endpoint-https_web.json'))],
    })
    const outcome = await asked.outcome(trustDomain)
    expect(outcome).toMatchObject({ kind: 'bundle', trustDomain, bundle: { sequence: 5n, refreshHintMs: 30_000 } })
    expect(outcome).not.toHaveProperty('bootstrap')
  })

  test('are asked again when the bundle hints, also after a failure', async () => {
    let document = bundleOf([pki.web], { spiffe_refresh_hint: 60 })
    const asked = new AskedEndpoints({ endpoints: [await webEndpoint(() => document)] })
    await contact(asked)
    document = 'no bundle'
    for (const count of [2, 3]) {
      await asked.clock.advance(59_999)
      expect(asked.outcomes(trustDomain)).toHaveLength(count - 1)
      await asked.clock.advance(1)
      expect(codeOf(await asked.outcome(trustDomain, count))).toBe('malformed_json')
    }
  })

  test('are in trouble while the file system of their authorities does not answer, each alone', async () => {
    const stuck = await webEndpoint(() => bundleOf([pki.web]), 'stuck.example')
    const good = await webEndpoint(() => bundleOf([pki.web]), 'good.example')
    const filesClock = new ManualClock()
    const files = new FileCalls(filesClock)
    const hanging = Promise.withResolvers<undefined>()
    void files.run(stuck.certificateAuthorities, () => hanging.promise)
    const asked = new AskedEndpoints({ endpoints: [stuck, good], files })
    expect(codeOf(await asked.outcome('good.example'))).toBe('bundle')
    await filesClock.advance(10_000)
    expect(await asked.outcome('stuck.example')).toMatchObject({
      kind: 'bundleTrouble',
      reason: 'no_authorities',
      detail: `${stuck.certificateAuthorities}: its file system has not answered within 10 s`,
    })
    await contact(asked)

    hanging.resolve(undefined)
    await asked.clock.advance(300_000)
    expect(codeOf(await asked.outcome('stuck.example', 2))).toBe('bundle')
  })

  test('go on after a fault of svidwatch itself, which is the trouble of that endpoint alone', async () => {
    const endpoint = await webEndpoint(() => bundleOf([pki.web]))
    let isFaulty = true
    const remembered = () => {
      if (isFaulty) throw new Error('a fault')
      return undefined
    }
    const asked = new AskedEndpoints({ endpoints: [endpoint], remembered })
    expect(await asked.outcome(trustDomain)).toMatchObject({ reason: 'internal', detail: 'a fault' })
    await contact(asked)
    isFaulty = false
    await asked.clock.advance(300_000)
    expect(codeOf(await asked.outcome(trustDomain, 2))).toBe('bundle')
    expect(asked.observations.filter(({ kind }) => kind === 'trouble')).toEqual([])
  })

  test('of https_web may begin anew after a restart, however far the sequence had come', async () => {
    const endpoint = await webEndpoint(() => bundleOf([pki.web], { spiffe_sequence: 1 }))
    const earlier = { trustDomain, refreshedMs: 1, sequence: '9', authorities: [], jwtAuthorities: [] }
    const asked = new AskedEndpoints({ endpoints: [endpoint], remembered: () => earlier })
    expect(await asked.outcome(trustDomain)).toMatchObject({ kind: 'bundle', bundle: { sequence: 1n } })
  })

  test('are asked again after 5 min where no bundle was had', async () => {
    const asked = new AskedEndpoints({ endpoints: [await webEndpoint(() => 'no bundle')] })
    await contact(asked)
    await asked.clock.advance(299_999)
    expect(asked.outcomes(trustDomain)).toHaveLength(1)
    await asked.clock.advance(1)
    await asked.outcome(trustDomain, 2)
  })

  test('get one plain request over a connection of its own each time', async () => {
    const requests: { url?: string | undefined; headers: IncomingHttpHeaders; isResumed: boolean }[] = []
    const { url } = await httpsServer(await pki.webLeaf(), ({ url: path, headers, socket }, response) => {
      requests.push({ url: path, headers, isResumed: socket instanceof TLSSocket && socket.isSessionReused() })
      response.writeHead(200, { 'set-cookie': 'session=1' }).end(bundleOf([pki.web]))
    })
    const asked = new AskedEndpoints({ endpoints: [entry(`${url}trust/bundle?format=spiffe#part`)] })
    await contact(asked)
    await asked.clock.advance(300_000)
    await asked.outcome(trustDomain, 2)
    const expected = {
      url: '/trust/bundle?format=spiffe',
      headers: {
        host: new URL(url).host,
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'svidwatch',
        connection: 'close',
      },
      isResumed: false,
    }
    expect(requests).toEqual([expected, expected])
  })

  test('are asked at the configured URL again after a redirect', async () => {
    const paths: (string | undefined)[] = []
    const { url } = await httpsServer(await pki.webLeaf(), (request, response) => {
      paths.push(request.url)
      if (request.url === '/') response.writeHead(301, { location: '/moved' }).end()
      else response.end(bundleOf([pki.web]))
    })
    const asked = new AskedEndpoints({ endpoints: [entry(url)] })
    await contact(asked)
    await asked.clock.advance(300_000)
    await asked.outcome(trustDomain, 2)
    expect(paths).toEqual(['/', '/moved', '/', '/moved'])
  })

  test('that redirect to hosts that are not listed say the same of each, and ask none of them', async () => {
    let connections = 0
    const open = await tcpServer(() => (connections += 1))
    const closed = new URL('https://127.0.0.1:1')
    const locations = [open.url, closed.href, 'https://localhost/', `//${new URL(open.url).host}/bundle`]
    const redirecting = await httpsServer(await pki.webLeaf(), (_, response) =>
      response.writeHead(307, { location: locations[0] }).end(),
    )
    const asked = new AskedEndpoints({ endpoints: [{ ...entry(redirecting.url), redirectHosts: ['cdn.example'] }] })
    for (const count of [1, 2, 3, 4]) {
      expect(await asked.outcome(trustDomain, count)).toMatchObject({
        reason: 'redirect_refused',
        detail: expect.stringMatching(
          /^the endpoint redirects to another host, and bundleEndpoints\[\]\.redirectHosts lacks it: /,
        ) as string,
      })
      locations.shift()
      await asked.clock.advance(300_000)
    }
    expect(connections).toBe(0)
  })

  test('may redirect to a listed host, and from there back', async () => {
    const paths: string[] = []
    const bundle = bundleOf([pki.web])
    const cdn = await httpsServer(await pki.webLeaf(), (_, response) => {
      paths.push('cdn')
      response.writeHead(307, { location: `${url}second` }).end()
    })
    const { url } = await httpsServer(await pki.webLeaf(), (request, response) => {
      paths.push(request.url ?? '')
      if (request.url === '/second') response.end(bundle)
      else response.writeHead(307, { location: cdn.url }).end()
    })
    const { host } = new URL(cdn.url)
    const outcome = await new AskedEndpoints({
      endpoints: [{ ...entry(url), redirectHosts: ['other.example', host] }],
    }).outcome(trustDomain)
    expect([codeOf(outcome), paths]).toEqual(['bundle', ['/', 'cdn', '/second']])
  })

  test('whose authorities cannot be read are not asked', async () => {
    const endpoint = { ...(await webEndpoint(() => bundleOf([pki.web]))), certificateAuthorities: '/nowhere/ca.pem' }
    const outcome = await new AskedEndpoints({ endpoints: [endpoint] }).outcome(trustDomain)
    expect(outcome).toMatchObject({ reason: 'no_authorities', detail: '/nowhere/ca.pem: it does not exist' })
  })

  test('without authorities of their own are verified with the public ones', async () => {
    const { url, profile } = await webEndpoint(() => bundleOf([pki.web]))
    const outcome = await new AskedEndpoints({ endpoints: [{ trustDomain, url, profile }] }).outcome(trustDomain)
    expect(codeOf(outcome)).toBe('tls_untrusted')
  })

  test('that hang cost nothing but themselves when all is closed', async () => {
    const ended = Promise.withResolvers<undefined>()
    const server = await tcpServer((socket, stalled) => {
      socket.once('close', () => ended.resolve(undefined))
      socket.once('data', stalled)
    })
    const observations: unknown[] = []
    const source = createBundleEndpoints({
      clock: new ManualClock(),
      files: realFiles,
      endpoints: [entry(server.url)],
      remembered: () => undefined,
    })
    source.start((observation) => observations.push(observation), new AbortController().signal)
    await eventually(() => expect(server.isStalled()).toBe(true))
    await source.close()
    await ended.promise
    expect(observations).toHaveLength(1)
  })
})

describe('the sequence of bundles', () => {
  test.each([
    ['smaller: an older bundle', { spiffe_sequence: 4 }, 'sequence_regressed'],
    ['the same', { spiffe_sequence: 5 }, 'bundle'],
    ['larger', { spiffe_sequence: 6 }, 'bundle'],
    ['absent: the one fetched last is the newest', {}, 'bundle'],
  ])('%s', async (_, members, outcome) => {
    let document = bundleOf([pki.web], { spiffe_sequence: 5 })
    const asked = new AskedEndpoints({ endpoints: [await webEndpoint(() => document)] })
    await contact(asked)
    document = bundleOf([pki.web], members)
    await asked.clock.advance(300_000)
    expect(codeOf(await asked.outcome(trustDomain, 2))).toBe(outcome)
  })

  test('goes on where it was once an older bundle is no longer served', async () => {
    let document = bundleOf([pki.web], { spiffe_sequence: 18_446_744_073_709_000_000 })
    const asked = new AskedEndpoints({ endpoints: [await webEndpoint(() => document)] })
    await contact(asked)
    for (const [count, text, code] of [
      [2, '{"keys": [], "spiffe_sequence": 18446744073709551614}', 'bundle'],
      [3, '{"keys": [], "spiffe_sequence": 18446744073709551613}', 'sequence_regressed'],
      [4, '{"keys": [], "spiffe_sequence": 18446744073709551615}', 'bundle'],
    ] as const) {
      document = text
      await asked.clock.advance(300_000)
      expect(codeOf(await asked.outcome(trustDomain, count))).toBe(code)
    }
  })
})

async function contact(asked: AskedEndpoints): Promise<void> {
  await eventually(() => expect(asked.observations).toContainEqual({ kind: 'contact', source: 'bundleEndpoints' }))
}
