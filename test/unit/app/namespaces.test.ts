import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { ConfigMapStore } from '../../../src/checkpoint/configMapStore.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import type { Right } from '../../../src/world/apiServer/rights.ts'
import { nodeRoleService, writeFindingsKeys } from '../../../src/world/nodeRoles.ts'
import { metricsOf, runningApp, values, type LogLine } from '../../support/runningApp.ts'
import { shippedRights } from '../../support/shippedRights.ts'
import { createTokenKeys } from '../../support/tokenKeys.ts'
import { worldOnHold, type WorldOnHold } from '../../support/worldOnHold.ts'

const shipped = shippedRights('namespaced.yaml')
const pods = [
  { namespace: 'team-a', name: 'cart-0' },
  { namespace: 'team-b', name: 'bill-0', node: 'node-2' },
  { namespace: 'team-c', name: 'mail-0' },
]
const service = `${nodeRoleService.namespace}/${nodeRoleService.name}`
const madeKeys = {
  signingSecret: 'svidwatch/svidwatch-signing-key',
  publicKeysConfigMap: 'svidwatch-node/svidwatch-public-keys',
}

/** The objects that are installed empty, for svidwatch to fill. */
const owned = {
  signingSecret: '/api/v1/namespaces/svidwatch/secrets/svidwatch-signing-key',
  publicKeysConfigMap: '/api/v1/namespaces/svidwatch-node/configmaps/svidwatch-public-keys',
  state: '/api/v1/namespaces/svidwatch/configmaps/svidwatch-state',
} as const

const bounds = { timeoutMs: 5_000, maxBytes: 1024 * 1024 }

/** A world with what is installed, whose API server grants only `rights`, and everything that it was asked for since. */
async function restricted(rights: readonly Right[] = shipped) {
  const asked: string[] = []
  const installing = { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: ['create'] }
  const granted = [...rights, installing]
  const onRequest = (method: string, url: string) => asked.push(`${method} ${url}`)
  const held = await worldOnHold(pods, {}, { rights: granted, onRequest })
  const client = createClientFromText(held.world.api.kubeconfig, held.clock)
  for (const path of Object.values(owned)) {
    const [, collection = '', namespace, plural, name] = /^(.*namespaces\/(.*)\/(.*))\/(.*)$/.exec(path) ?? []
    const kind = plural === 'secrets' ? 'Secret' : 'ConfigMap'
    await client.request('POST', collection, {
      ...bounds,
      body: { apiVersion: 'v1', kind, metadata: { namespace, name } },
    })
  }
  granted.pop()
  asked.length = 0
  return { held, asked, client }
}

interface Release {
  readonly namespaces: readonly string[] | undefined
  readonly signingKey?: string
  /** It makes its keys in the objects that are installed for them. */
  readonly makesKeys?: true
  /** The namespace of its state. */
  readonly own?: string
}

/** A svidwatch of some namespaces, which keeps its state in its own. */
function release(
  { world, clock }: WorldOnHold,
  { namespaces, signingKey, makesKeys, own = 'svidwatch' }: Release,
  logged?: LogLine[],
): Promise<App> {
  const client = createClientFromText(world.api.kubeconfig, clock)
  const store = new ConfigMapStore(client, own, 'svidwatch-state')
  const settings = {
    ...(namespaces && { kubernetes: { namespaces } }),
    ...(signingKey !== undefined && { nodeFindings: { service, signingKey } }),
    ...(makesKeys && { nodeFindings: { service, ...madeKeys } }),
  }
  return runningApp(['cluster'], settings, { clock, client, store }, logged)
}

/** The node roles of the world, which accept the keys in a file. */
async function startNodeRoles({ world, clock }: WorldOnHold, publicKeys: string): Promise<readonly App[]> {
  const started = world.nodes.map(async ({ name: nodeName }) => {
    const mountedSvids = { kubeletRoot: join(world.folder, nodeName) }
    const node = await runningApp(['node'], { mountedSvids, nodeFindings: { publicKeys } }, { clock, nodeName })
    world.addNodeRole(nodeName, node.url)
    return node
  })
  return Promise.all(started)
}

/** A right is about all versions of an API group. */
const versionOfGroup = /^(\/apis\/[^/]+)\/v[^/]+/

/** Returns the collections and objects that `rights` grant and nobody asked for, and those that were asked for without a right. */
function unusedAndUngranted(rights: readonly Right[], asked: readonly string[]) {
  const granted = rights.flatMap(({ namespace, apiGroups, resources, resourceNames }) =>
    resources.flatMap((resource) =>
      apiGroups.flatMap((group) => {
        const root = group === '' ? '/api/v1' : `/apis/${group}`
        const collection = `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${resource}`
        return resourceNames?.map((name) => `${collection}/${name}`) ?? [collection]
      }),
    ),
  )
  const used = asked.map((one) =>
    one
      .replace(/^[A-Z]+ /, '')
      .replace(/\?.*/, '')
      .replace(versionOfGroup, '$1'),
  )
  return [granted.filter((path) => !used.includes(path)), used.filter((path) => !granted.includes(path))]
}

const podsIn = (text: string, ...labels: string[]) => values(text, 'spire_svid_expiry_seconds', ...labels).length
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
const successes = (text: string) => sum(values(text, 'spire_attestation_success_total'))
const problemsOf = async (app: App) =>
  ((await (await fetch(`${app.url}/api/v1/problems`)).json()) as { readonly items: readonly unknown[] }).items

/** Checks that `app` tells everything about two namespaces, nothing about others, and has no trouble. */
async function seesOnly(app: App, ...namespaces: readonly string[]): Promise<void> {
  const text = await metricsOf(app)
  for (const { namespace, name } of pods) {
    const expected = namespaces.includes(namespace) ? 1 : 0
    for (const copy of ['issued', 'mounted'])
      expect(podsIn(text, `namespace="${namespace}"`, `pod="${name}"`, `copy="${copy}"`)).toBe(expected)
    const valid = values(text, 'spiffe_workloads', `namespace="${namespace}"`, 'state="valid"')
    expect(valid).toEqual(expected === 1 ? [1] : [])
  }
  expect(podsIn(text)).toBe(2 * namespaces.length)
  expect(sum(values(text, 'spiffe_workloads'))).toBe(namespaces.length)
  expect(values(text, 'svidwatch_source_up')).toEqual([1, 1, 1, 1])
  expect(sum(values(text, 'svidwatch_source_errors_total'))).toBe(0)
  expect(sum(values(text, 'svidwatch_rejected_inputs_total'))).toBe(0)
  expect(await problemsOf(app)).toEqual([])
  expect((await fetch(`${app.probeUrl}/readyz`)).status).toBe(200)
}

test('Roles in two namespaces are enough to see these, and nothing else is asked for', async () => {
  const { held, asked, client } = await restricted()
  const app = await release(held, { namespaces: ['team-a', 'team-b'], makesKeys: true })
  await held.until(async () => {
    const { data } = (await client.request('GET', owned.publicKeysConfigMap, bounds)) as {
      data: { 'public.pem': string }
    }
    await writeFile(join(held.world.folder, 'public.pem'), data['public.pem'])
  })
  await startNodeRoles(held, join(held.world.folder, 'public.pem'))
  await held.until(async () => {
    await seesOnly(app, 'team-a', 'team-b')
    expect(values(await metricsOf(app), 'svidwatch_node_up')).toEqual([1, 1])
  })
  await held.until(async () => expect(successes(await metricsOf(app))).toBe(2))
  const text = await metricsOf(app)
  const { workload } = await held.pod('mail-0')
  for (const unseen of ['team-c', 'mail-0', workload.podUid]) expect(text).not.toContain(unseen)
  expect(values(text, 'svidwatch_node_findings', 'node="node-1"')).toEqual([2])
  expect(values(text, 'spire_agent_up')).toEqual([])

  expect(unusedAndUngranted(shipped, asked)).toEqual([[], []])
})

test('the ClusterRole grants exactly what is asked for where the whole cluster is watched', async () => {
  const rights = shippedRights('svidwatch.yaml')
  const { held, asked } = await restricted(rights)
  const app = await release(held, { namespaces: undefined, makesKeys: true })
  await held.until(async () => {
    const text = await metricsOf(app)
    expect(values(text, 'svidwatch_source_up')).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1])
    expect(successes(text)).toBe(3)
    expect(sum(values(text, 'svidwatch_source_errors_total'))).toBe(0)
  })
  expect(unusedAndUngranted(rights, asked)).toEqual([[], []])
})

test('an agent is known where its own namespace is watched, on the nodes of the pods that need it', async () => {
  const held = await worldOnHold(pods)
  const { world, clock } = held
  const client = createClientFromText(world.api.kubeconfig, clock)
  const agents = [
    {
      name: 'csi-driver-spiffe',
      driver: 'spiffe.csi.cert-manager.io',
      podLabels: { app: 'cert-manager-csi-driver-spiffe' },
      namespace: 'cert-manager',
    },
  ]
  const settings = { agents, kubernetes: { namespaces: ['team-a', 'team-b', 'cert-manager'] } }
  const app = await runningApp(['cluster'], settings, { clock, client })
  await held.until(async () => expect(values(await metricsOf(app), 'spire_agent_up')).toEqual([1, 1]))
  await world.removeDriver('node-2')
  await held.until(async () => {
    const text = await metricsOf(app)
    expect(values(text, 'spire_agent_up', 'node="node-1"')).toEqual([1])
    expect(values(text, 'spire_agent_up', 'node="node-2"')).toEqual([0])
  })
})

test('a right that is missing in one namespace blinds the source, names the namespace, and takes nothing from the other', async () => {
  const { held } = await restricted(shipped.filter(({ namespace }) => namespace !== 'team-b'))
  const logged: LogLine[] = []
  const app = await release(held, { namespaces: ['team-a', 'team-b'] }, logged)
  await held.until(async () => {
    const text = await metricsOf(app)
    expect(values(text, 'svidwatch_source_up', 'source="pods"')).toEqual([0])
    expect(values(text, 'spire_svid_expiry_seconds', 'pod="cart-0"')).toHaveLength(1)
    expect(values(text, 'spiffe_workloads', 'namespace="team-a"', 'state="valid"')).toEqual([1])
    expect(successes(text)).toBe(1)
  })
  const message =
    'GET /api/v1/namespaces/team-b/pods: status 403: pods is forbidden: User "system:serviceaccount:svidwatch:svidwatch" cannot watch resource "pods" in API group "" in the namespace "team-b"'
  const blind = { code: 'source_blind', reason: 'forbidden' }
  const problems = await problemsOf(app)
  expect(problems).toHaveLength(2)
  expect(problems).toContainEqual(
    expect.objectContaining({ ...blind, subject: { source: 'pods' }, evidence: { message } }),
  )
  expect(problems).toContainEqual(expect.objectContaining({ ...blind, subject: { source: 'certificateRequests' } }))
  expect(logged.map((line) => line.message)).toContain(`pods in team-b: ${message}`)
  expect(logged.map((line) => line.message)).toContain('pods in team-a: watching')
})

test('two releases with keys of their own share the node roles, and each sees its namespaces', async () => {
  const held = await worldOnHold(pods)
  const { signingKey, publicKeys } = await writeFindingsKeys(held.world.folder)
  const other = createTokenKeys()
  const otherKey = join(held.world.folder, 'other-key.pem')
  await writeFile(otherKey, other.privatePem)
  await writeFile(publicKeys, (await readFile(publicKeys, 'utf8')) + other.publicPem)
  const nodes = await startNodeRoles(held, publicKeys)
  const one = await release(held, { namespaces: ['team-a'], signingKey, own: 'one' })
  const two = await release(held, { namespaces: ['team-b', 'team-c'], signingKey: otherKey, own: 'two' })
  await held.until(async () => {
    await seesOnly(one, 'team-a')
    await seesOnly(two, 'team-b', 'team-c')
    for (const node of nodes) expect(values(await metricsOf(node), 'svidwatch_findings_followers')).toEqual([2])
  })
})

test('a restart with other namespaces keeps the totals, and counts no history of those that it did not watch', async () => {
  const held = await worldOnHold(pods)
  const first = await release(held, { namespaces: ['team-a'] })
  await held.until(async () => expect(successes(await metricsOf(first))).toBe(2))
  await first.close()
  const second = await release(held, { namespaces: ['team-a', 'team-b'] })
  await held.until(async () => {
    const text = await metricsOf(second)
    expect(podsIn(text, 'copy="issued"')).toBe(2)
    expect(successes(text)).toBe(2)
  })
  await held.until(async () => expect(successes(await metricsOf(second))).toBe(4))
  await second.close()
  const third = await release(held, { namespaces: ['team-b'] })
  await held.until(async () => {
    const text = await metricsOf(third)
    expect(podsIn(text, 'copy="issued"')).toBe(1)
    expect(successes(text)).toBe(4)
  })
  await third.close()
  const whole = await release(held, { namespaces: undefined })
  await held.until(async () => {
    const text = await metricsOf(whole)
    expect(podsIn(text, 'copy="issued"')).toBe(3)
    expect(successes(text)).toBe(4)
  })
})

test('two releases that share a state by accident are told so', async () => {
  const held = await worldOnHold(pods)
  const logged: LogLine[] = []
  const one = await release(held, { namespaces: ['team-a'] }, logged)
  await held.until(async () => expect(successes(await metricsOf(one))).toBe(1))
  await release(held, { namespaces: ['team-b'] })
  const problem =
    'ConfigMap svidwatch/svidwatch-state cannot be written: another svidwatch, which watches team-b, writes it too: give each its own with checkpoint.configMap or checkpoint.file'
  await held.until(async () => {
    expect(logged.map(({ message }) => message)).toContain(problem)
    expect(values(await metricsOf(one), 'svidwatch_checkpoint_failures_total')[0]).toBeGreaterThan(0)
  })
  expect(successes(await metricsOf(one))).toBe(1)
})
