import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyObjects } from '../support/access.ts'
import { setLifetime } from '../support/fleet.ts'
import { kubectl, sh, until } from '../support/shell.ts'
import { Prometheus } from './support/prometheus.ts'
import { image, Release, type Values } from './support/release.ts'
import { deleteNamespaces, startWorkloads } from './support/workload.ts'

/** The image of the release before this one; without it, there is nothing to upgrade from. */
const previous = process.env['SVIDWATCH_TEST_PREVIOUS_IMAGE'] ?? ''
const workloads = ['svidwatch-upgraded-a', 'svidwatch-upgraded-b']

/** What the previous image and this one both understand: keys that somebody else has made. */
const values: Values = {
  keys: { signingSecret: 'given-key', publicKeysConfigMap: 'given-keys' },
  node: { namespace: { create: false } },
}

/** All totals of the runbook and of svidwatch's own for SVIDs, each with its name as a label. */
const totals =
  'label_replace({__name__=~"(spire|spiffe)_.+_(total|seconds_count|seconds_bucket)"}, "name", "$1", "__name__", "(.+)")'
const page = 'alertstate="firing", severity!="none"'
/** Not even pending: a node role that is replaced is back before anyone would be told. */
const blind = 'alertname="SvidwatchNodeBlind"'

let release: Release
let prometheus: Prometheus
let scrapedSinceMs: number

/** The time since the first scrape, as Prometheus writes it. */
const ever = () => `${Math.ceil((Date.now() - scrapedSinceMs) / 1000)}s`

const success = async () =>
  (await release.samples('cluster', 'spire_attestation_success_total')).reduce((sum, { value }) => sum + value, 0)
const heard = () =>
  until('the findings of the node', 60, async () =>
    String((await release.samples('cluster', 'svidwatch_node_up')).map(({ value }) => value)) === '1'
      ? true
      : undefined,
  )

/** Waits for two more renewals, and returns how many there were until then. */
async function renewals(): Promise<number> {
  const before = await success()
  return until('renewals', 120, async () => ((await success()) >= before + 2 ? success() : undefined))
}

async function makeKeys(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-keys-'))
  await sh('openssl', 'genpkey', '-algorithm', 'ed25519', '-out', `${folder}/key.pem`)
  await sh('openssl', 'pkey', '-in', `${folder}/key.pem`, '-pubout', '-out', `${folder}/public.pem`)
  const namespaces = ['svidwatch', 'svidwatch-node'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }))
  await applyObjects(folder, ...namespaces)
  await kubectl('-n', 'svidwatch', 'create', 'secret', 'generic', 'given-key', `--from-file=${folder}/key.pem`)
  await kubectl('-n', 'svidwatch-node', 'create', 'configmap', 'given-keys', `--from-file=${folder}/public.pem`)
  await rm(folder, { recursive: true })
}

describe.skipIf(image === '' || previous === '')('an upgrade from the previous image, and back', () => {
  beforeAll(async () => {
    await Release.remove()
    await deleteNamespaces(workloads)
    await setLifetime('1m')
    await makeKeys()
    release = await Release.install({ ...values, ...Release.imageValues(previous) })
    await startWorkloads(workloads)
    const service = await kubectl('-n', 'svidwatch', 'get', 'service', 'svidwatch', '-o', 'jsonpath={.spec.clusterIP}')
    prometheus = await Prometheus.start({ svidwatch: `${service}:9797`, interval: '1s' })
    await until('a scrape', 30, async () => (await prometheus.query('svidwatch_node_up'))[0])
    scrapedSinceMs = Date.now()
    await heard()
  })

  afterAll(async () => {
    await prometheus[Symbol.asyncDispose]()
    await deleteNamespaces(workloads)
    await Release.remove()
  })

  it.each([
    ['the upgrade', image],
    ['the downgrade', previous],
  ])('keeps all totals and sees every node: %s', async (name, to) => {
    const before = await renewals()
    await release.upgrade({ ...values, ...Release.imageValues(to) })
    await heard()
    expect(await success()).toBeGreaterThanOrEqual(before)
    expect(await renewals()).toBeGreaterThanOrEqual(before + 2)
    const expected = await success()
    await until('a scrape since then', 30, async () => {
      const [sum] = await prometheus.query('sum(spire_attestation_success_total)')
      return (sum?.value ?? 0) >= expected ? true : undefined
    })
    expect(await prometheus.query(`resets(${totals}[${ever()}:1s]) > 0`)).toEqual([])
    expect(
      await prometheus.query(`max_over_time(ALERTS{${page}}[${ever()}]) or max_over_time(ALERTS{${blind}}[${ever()}])`),
    ).toEqual([])
    const seconds = async (expression: string) =>
      (await prometheus.query(`sum_over_time((${expression})[${ever()}:1s])`))[0]?.value ?? 0
    const [down, unseen] = [
      await seconds('min(svidwatch_node_up) == bool 0'),
      await seconds('absent(svidwatch_node_up)'),
    ]
    console.log(`${name}: until now, a node was down for ${down} s, and svidwatch was not scraped for ${unseen} s`)
  })
})
