import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { code, table } from '../../../../tools/docs/table.ts'
import { AskedEndpoints, codeOf, temporaryFile } from '../../../support/askedEndpoints.ts'
import { createBundlePki, endpointId, type BundlePki } from '../../../support/bundlePki.ts'
import { hostileDocuments } from './hostileDocuments.ts'
import { hostileHttp } from './hostileHttp.ts'
import type { HostileServer } from './hostileServer.ts'
import { hostileTls } from './hostileTls.ts'

let pki: BundlePki
beforeAll(async () => {
  pki = await createBundlePki()
})

const parts: Readonly<Record<string, readonly HostileServer[]>> = {
  connections: hostileTls,
  answers: hostileHttp,
  documents: hostileDocuments,
}

describe.each(Object.entries(parts))('%s', (_, servers) => {
  test.each(servers)('$profile: $what: $outcome', async ({ profile, outcome, start }) => {
    const server = await start(pki)
    const trust =
      profile === 'https_web'
        ? { certificateAuthorities: temporaryFile(pki.web.certificatePem).path }
        : { endpointSpiffeId: endpointId, bootstrapBundle: temporaryFile(pki.spiffe.certificatePem).path }
    const asked = new AskedEndpoints({
      endpoints: [
        { trustDomain: 'partner.example', url: server.url, profile, redirectHosts: server.redirectHosts, ...trust },
      ],
    })
    const first = await asked.outcome('partner.example', 1, server.isStalled)
    expect(codeOf(first), 'detail' in first ? first.detail : '').toBe(outcome)
    if ('detail' in first) expect(first.detail).toMatch(/^\P{C}{1,300}$/u)
  })
})

/** `UPDATE_DOCS=1` writes it. */
test('docs/bundle-endpoints.md says the same', () => {
  const path = join(import.meta.dirname, '../../../../docs/bundle-endpoints.md')
  const page = readFileSync(path, 'utf8')
  let current = page
  for (const [name, servers] of Object.entries(parts)) {
    const rows = servers.map(({ profile, what, outcome, rule }) => [code(profile), what, code(outcome), rule])
    const between = new RegExp(`(<!-- ${name}:begin -->\n).*(<!-- ${name}:end -->)`, 's')
    const content = table(['Profile', 'A server with', 'Outcome', 'By'], rows)
    current = current.replace(between, (__, begin: string, end: string) => `${begin}\n${content}\n\n${end}`)
  }
  if (process.env.UPDATE_DOCS !== undefined) writeFileSync(path, current)
  else expect(page).toBe(current)
})
