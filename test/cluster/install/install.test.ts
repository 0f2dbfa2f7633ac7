import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalogue, declarationOf, namesOf } from '../../../src/metrics/catalogue.ts'
import { nodeAddress } from '../support/access.ts'
import { setLifetime } from '../support/fleet.ts'
import { kubectl, until } from '../support/shell.ts'
import { samplesIn } from '../support/svidwatch.ts'
import { compareRights, type RbacObject } from './support/auditedRights.ts'
import { auditLogFile, requestsSince } from './support/auditLog.ts'
import { ApiServerWithoutStreaming } from './support/apiServerWithoutStreaming.ts'
import { allObjects, type Inventory } from './support/inventory.ts'
import { image, Release } from './support/release.ts'
import { deleteNamespaces, startWorkloads } from './support/workload.ts'

const workloads = ['svidwatch-install']
const account = { namespace: 'svidwatch', name: 'svidwatch' }

let before: Inventory
let release: Release
let installedAtMs: number

const key = () => kubectl('-n', 'svidwatch', 'get', 'secret', 'svidwatch-signing-key', '-o', 'jsonpath={.data}')
const issued = async () =>
  (await release.samples('cluster', 'spire_attestation_success_total')).reduce((sum, { value }) => sum + value, 0)
const nodesUp = async () => (await release.samples('cluster', 'svidwatch_node_up')).map(({ value }) => value)

/** Resolves once the cluster role hears the node role. */
const heard = () =>
  until('the findings of the node', 60, async () => (String(await nodesUp()) === '1' ? true : undefined))

describe.skipIf(image === '')('a release with nothing set but the image, in a restricted namespace', () => {
  beforeAll(async () => {
    await Release.remove()
    await deleteNamespaces(workloads)
    // No SVID is renewed meanwhile.
    await setLifetime('1h')
    // What each new namespace gets is there before the list is made.
    await kubectl('create', 'namespace', 'svidwatch')
    await kubectl('label', 'namespace', 'svidwatch', 'pod-security.kubernetes.io/enforce=restricted')
    before = await until('a list that stays the same', 60, async () => {
      const lists = [await allObjects(), await allObjects()]
      const isComplete = lists[0]?.lines.includes('ConfigMap svidwatch kube-root-ca.crt')
      return isComplete && String(lists[0]?.lines) === String(lists[1]?.lines) ? lists[0] : undefined
    })
    installedAtMs = Date.now()
    release = await Release.install()
  })

  afterAll(async () => {
    await Release.remove()
    await deleteNamespaces(workloads)
  })

  it('has both roles Ready, and the cluster role hears the node role', async () => {
    await heard()
    console.log(`installed, Ready and heard in ${Math.round((Date.now() - installedAtMs) / 1000)} s`)
    expect(await release.pods('cluster')).toHaveLength(1)
    expect(await release.pods('node')).toHaveLength(1)
  })

  it('exports every family of the runbook that has a source within a minute of a pod getting its SVID', async () => {
    await startWorkloads(workloads)
    const runbook = namesOf(catalogue).filter((name) => declarationOf(name).runbook)
    // No bundle endpoint is configured.
    const expected = runbook.filter((name) => name !== 'spire_bundle_refresh_timestamp')
    const missing = async () => {
      const text = await release.ask('cluster', '/metrics')
      return expected.filter((name) => samplesIn(text, name).length + samplesIn(text, `${name}_count`).length === 0)
    }
    await until('all families', 60, async () => ((await missing()).length === 0 ? true : undefined)).catch(
      async (error: unknown) => {
        throw new Error(`${String(error)}: ${(await missing()).join(', ')}`)
      },
    )
    const copies = (await release.samples('cluster', 'spire_svid_expiry_seconds')).map(({ labels }) => labels['copy'])
    expect(copies.sort()).toEqual(['issued', 'mounted'])
  })

  it('passes the tests of the chart', async () => {
    expect(await release.test()).toMatch(/Phase: +Succeeded/)
  })

  it('keeps its key and its totals through an upgrade with other values', async () => {
    const [keyBefore, issuedBefore, podsBefore] = [await key(), await issued(), await names()]
    await release.upgrade({
      size: 'small',
      commonLabels: { team: 'identity' },
      settings: { checkpoint: { interval: '2s' } },
      node: { podAnnotations: { 'example.org/changed': 'true' } },
    })
    await heard()
    expect(await names()).not.toEqual(podsBefore)
    expect(await key()).toBe(keyBefore)
    expect(await issued()).toBe(issuedBefore)
    expect(issuedBefore).toBeGreaterThan(0)
  })

  it('does the same where the API server has no streaming lists', async () => {
    await using apiServer = await ApiServerWithoutStreaming.start(await nodeAddress())
    await release.upgrade(apiServer.values)
    await heard()
    expect((await release.samples('cluster', 'svidwatch_source_up')).filter(({ value }) => value !== 1)).toEqual([])
    expect(await issued()).toBeGreaterThan(0)
    await release.upgrade({})
    await heard()
  })

  it.skipIf(auditLogFile === undefined)('has exactly the rights that it uses', async () => {
    const objects = await release.objects<RbacObject & { apiVersion: string }>()
    const report = compareRights(account, objects, await requestsSince(installedAtMs, account))
    console.log([...report.requests].map(([request, count]) => `${String(count).padStart(5)}  ${request}`).join('\n'))
    expect(report).toMatchObject({ unused: [], tooWide: [], forbidden: [], beyond: [] })
  })

  it('leaves nothing when it is uninstalled, and takes nothing else away', async () => {
    await release.uninstall()
    await deleteNamespaces(workloads)
    const listed = new Set(before.lines)
    const left = async () => (await allObjects()).lines.filter((line) => !listed.has(line))
    await until('nothing left', 60, async () => ((await left()).length === 0 ? true : undefined)).catch(
      async (error: unknown) => {
        throw new Error(`${String(error)}:\n${(await left()).join('\n')}`)
      },
    )
    const { lines } = await allObjects()
    expect(before.lasting.filter((line) => !lines.includes(line))).toEqual([])
  })
})

const names = async () => [...(await release.pods('cluster')), ...(await release.pods('node'))].map(({ name }) => name)
