import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { createServerCertificate, startBundleEndpoint } from '../../../src/world/bundleEndpoint.ts'
import { createCertificateAuthority } from '../../../src/world/certificateAuthority.ts'

/** SPIRE's own endpoint answers like this. */
test.each([
  ['GET', '/', 200, 'application/json', '{"keys":[]}'],
  ['POST', '/', 405, undefined, ''],
  ['GET', '/bundle', 404, undefined, ''],
])('%s %s is answered %i, by a server that its authority vouches for', async (method, path, status, type, body) => {
  const nowMs = systemClock.now()
  const authority = await createCertificateAuthority('web-ca', nowMs)
  const certificate = await createServerCertificate(authority, { type: 'ip', value: '127.0.0.1' }, nowMs)
  const endpoint = await startBundleEndpoint(certificate, () => '{"keys":[]}')
  onTestFinished(() => endpoint.close())

  const asking = request(endpoint.url + path, { method, ca: authority.certificatePem }).end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  expect(answer.statusCode).toBe(status)
  expect(answer.headers['content-type']).toBe(type)
  expect(await text(answer)).toBe(body)
})
