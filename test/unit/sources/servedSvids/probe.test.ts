import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { Prober } from '../../../../src/sources/servedSvids/prober.ts'
import { svidOf } from '../../../../src/sources/servedSvids/presented.ts'
import { contextFor } from '../../../../src/sources/servedSvids/secureContexts.ts'
import { code, table } from '../../../../tools/docs/table.ts'
import { createBundlePki, endpointId, type BundlePki } from '../../../support/bundlePki.ts'
import { SkippingClock } from '../../../support/skippingClock.ts'
import { serverKinds } from './serverKinds.ts'

let pki: BundlePki
beforeAll(async () => {
  pki = await createBundlePki()
})

test.each(serverKinds)('a server with $what: $outcome', async ({ outcome, detail, start }) => {
  const { isStalled, client, ...server } = await start(pki)
  const clock = new SkippingClock()
  const prober = new Prober({ clock, timeoutMs: 5000 })
  onTestFinished(() => prober.close())
  const context = contextFor(client && { cert: client.certificatePem, key: client.keyPem })
  const probing = prober.probe({ ...server, context, needsChain: () => true })
  if (outcome === 'timeout') {
    await vi.waitFor(() => expect(isStalled()).toBe(true))
    clock.skip(5000)
  }
  const answer = await probing
  const result = 'outcome' in answer ? answer : svidOf(answer, () => undefined)
  if (outcome === 'svid') expect(result).toMatchObject({ svid: { spiffeId: endpointId } })
  else expect(result).toEqual({ outcome, detail: detail?.replace('PORT', String(server.port)) })
})

/** `UPDATE_DOCS=1` writes it. */
test('docs/served-svids.md has the table of servers', () => {
  const path = join(import.meta.dirname, '../../../../docs/served-svids.md')
  const page = readFileSync(path, 'utf8')
  const rows = serverKinds.map(({ what, outcome, detail = '' }) => [what, code(outcome), detail && code(detail)])
  const content = table(['A server with', 'Outcome', 'Detail'], rows)
  const between = /(<!-- servers:begin -->\n).*(<!-- servers:end -->)/s
  const current = page.replace(between, (_, begin: string, end: string) => `${begin}\n${content}\n\n${end}`)
  if (process.env.UPDATE_DOCS !== undefined) writeFileSync(path, current)
  else expect(page).toBe(current)
})
