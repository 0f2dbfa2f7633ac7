import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeAddress } from '../support/access.ts'
import { until } from '../support/shell.ts'
import { ApiServerWithoutStreaming } from './support/apiServerWithoutStreaming.ts'
import { compareRights, type RbacObject } from './support/auditedRights.ts'
import { auditLogFile, requestsSince } from './support/auditLog.ts'
import type { Manifest } from '../../support/manifests.ts'
import { image, Release } from './support/release.ts'
import { deleteNamespaces, startWorkloads } from './support/workload.ts'

const watched = ['svidwatch-team-a', 'svidwatch-team-b']
const other = 'svidwatch-team-c'
const account = { namespace: 'svidwatch', name: 'svidwatch' }

let release: Release
let installedAtMs: number

describe.skipIf(image === '')('a release that watches two namespaces', () => {
  beforeAll(async () => {
    await Release.remove()
    await deleteNamespaces([...watched, other])
    await startWorkloads([...watched, other])
    installedAtMs = Date.now()
    release = await Release.install({ namespaces: watched })
  })

  afterAll(async () => {
    await Release.remove()
    await deleteNamespaces([...watched, other])
  })

  const namespaces = async () => [
    ...new Set(
      (await release.samples('cluster', 'spire_svid_expiry_seconds')).map(({ labels }) => labels['namespace']),
    ),
  ]

  it('knows the SVIDs of their pods, and of no others', async () => {
    await until('both copies of both SVIDs', 60, async () =>
      (await release.samples('cluster', 'spire_svid_expiry_seconds')).length === 4 ? true : undefined,
    )
    expect((await namespaces()).sort()).toEqual(watched)
  })

  it('passes the tests of the chart', async () => {
    expect(await release.test()).toMatch(/Phase: +Succeeded/)
  })

  it('has no right in the whole cluster', async () => {
    const kinds = (await release.objects()).map(({ kind }: Manifest) => kind)
    expect(kinds.filter((kind) => kind.startsWith('ClusterRole'))).toEqual([])
  })

  it.skipIf(auditLogFile === undefined)('has exactly the rights that it uses', async () => {
    await using apiServer = await ApiServerWithoutStreaming.start(await nodeAddress())
    const { settings } = apiServer.values as { readonly settings: object }
    const trustBundles = { names: ['spiffe-ca'] }
    await release.upgrade({ ...apiServer.values, settings: { ...settings, trustBundles }, namespaces: watched })
    await until('sight of everything', 60, async () => {
      const sources = await release.samples('cluster', 'svidwatch_source_up')
      return sources.every(({ value }) => value === 1) ? true : undefined
    })
    const objects = await release.objects<RbacObject & Manifest>()
    const report = compareRights(account, objects, await requestsSince(installedAtMs, account))
    console.log([...report.requests].map(([request, count]) => `${String(count).padStart(5)}  ${request}`).join('\n'))
    expect(report).toMatchObject({ unused: [], tooWide: [], forbidden: [], beyond: [] })
  })
})
