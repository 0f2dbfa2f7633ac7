import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClientFromText, type KubernetesClient } from '../../../../src/kubernetes/client.ts'
import { TokenSigner, TokenVerifier } from '../../../../src/nodeStream/tokens.ts'
import { KeyKeeper } from '../../../../src/sources/nodeFindings/keyKeeper.ts'
import type { KeysError } from '../../../../src/sources/nodeFindings/keysError.ts'
import type { KubernetesObject } from '../../../../src/world/apiServer/object.ts'
import type { Right } from '../../../../src/world/apiServer/rights.ts'
import { startApiServer } from '../../../../src/world/apiServer/server.ts'
import { eventually } from '../../../support/eventually.ts'
import { realFiles } from '../../../support/realFiles.ts'
import { startTestApi } from '../../../support/testApi.ts'
import { createTokenKeys, keyFolder } from '../../../support/tokenKeys.ts'

const secretName = { namespace: 'svidwatch', name: 'svidwatch-signing-key' }
const publicKeysName = { namespace: 'svidwatch-node', name: 'svidwatch-public-keys' }

const base64 = (text: string) => Buffer.from(text).toString('base64')

const secret = (data?: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { ...secretName, annotations: { 'meta.helm.sh/release-name': 'svidwatch' } },
  type: 'Opaque',
  ...(data && { data }),
})

const publicKeys = (data?: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { ...publicKeysName, labels: { team: 'platform' } },
  ...(data && { data }),
})

/** The rights that the settings need, and no others. */
const [secretRight, configMapRight] = [
  { ...secretName, resources: ['secrets'] },
  { ...publicKeysName, resources: ['configmaps'] },
].map(({ namespace, name, resources }): Right => {
  return { namespace, apiGroups: [''], resources, resourceNames: [name], verbs: ['get', 'update'] }
}) as [Right, Right]

type Objects = { readonly secret?: KubernetesObject | undefined; readonly publicKeys?: KubernetesObject | undefined }

/** An API server with the objects that the chart makes, unless a test says otherwise. */
async function startApi(objects: Objects = {}, rights: readonly Right[] = [secretRight, configMapRight]) {
  const requests: string[] = []
  const api = await startTestApi({ rights, onRequest: (method, url) => requests.push(`${method} ${url}`) })
  onTestFinished(() => api.close())
  const made = { secret: secret(), publicKeys: publicKeys(), ...objects }
  if (made.secret) api.store.create('secrets', made.secret)
  if (made.publicKeys) api.store.create('configmaps', made.publicKeys)
  const data = (resource: string, { namespace, name }: typeof secretName) =>
    (api.store.get(resource, namespace, name)?.data ?? {}) as Readonly<Record<string, string>>
  return {
    ...api,
    requests,
    privatePem: () => Buffer.from(data('secrets', secretName)['key.pem'] ?? '', 'base64').toString(),
    publicPem: () => data('configmaps', publicKeysName)['public.pem'] ?? '',
    write: (resource: 'secrets' | 'configmaps', object: KubernetesObject) => void api.store.update(resource, object),
  }
}

type Api = Awaited<ReturnType<typeof startApi>>

/** Starts a keeper as a cluster role does, and returns it with the faults that it has reported, undefined for a success. */
function start(api: Api, client: Pick<KubernetesClient, 'request'> = clientOf(api)) {
  const { clock } = api
  const keeper = new KeyKeeper({ client, clock, secret: secretName, publicKeys: publicKeysName })
  const faults: (KeysError | undefined)[] = []
  const stop = new AbortController()
  const ended = keeper.keep((fault) => faults.push(fault), stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await ended
  })
  const signer = new TokenSigner(keeper.signingKey, clock)
  const { write } = keyFolder()
  return {
    keeper,
    faults,
    lastFault: () => faults.at(-1)?.message,
    /** Resolves when as many readings have ended, well or not. */
    readings: (count: number) => eventually(() => expect(faults.length).toBeGreaterThanOrEqual(count)),
    /** Returns whether a node with these public keys accepts a token that is signed now. */
    isAcceptedBy: async (publicPem: string) => {
      const verifier = new TokenVerifier(write('public.pem', publicPem), clock, 'node-1', realFiles)
      return 'keyId' in (await verifier.verify(`Bearer ${await signer.tokenFor('node-1')}`))
    },
  }
}

function clientOf({ server, clock }: Api): KubernetesClient {
  const client = createClientFromText(server.kubeconfig, clock)
  onTestFinished(() => client.close())
  return client
}

/** How long the clock of the tests takes until the objects are read again. */
const readAgainMs = 180_000

const countKeys = (pem: string): number => pem.match(/BEGIN PUBLIC KEY/g)?.length ?? 0

describe('empty objects', () => {
  it('are filled with a key pair that node roles accept, with the rights to get and update these two alone', async () => {
    const api = await startApi()
    const { keeper, readings, faults, isAcceptedBy } = start(api)
    await keeper.hasKey
    await readings(1)
    expect(faults).toEqual([undefined])
    expect(api.privatePem()).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    expect((await keeper.signingKey()).algorithm).toBe('EdDSA')
    expect(await isAcceptedBy(api.publicPem())).toBe(true)
    expect(countKeys(api.publicPem())).toBe(1)
  })

  it('keep what others have put into them', async () => {
    const given = { secret: secret({ note: base64('mine') }), publicKeys: publicKeys({ note: 'theirs' }) }
    const api = await startApi(given)
    await start(api).readings(1)
    const { namespace, name } = secretName
    expect(api.store.get('secrets', namespace, name)).toMatchObject({
      metadata: { annotations: { 'meta.helm.sh/release-name': 'svidwatch' } },
      type: 'Opaque',
      data: { note: base64('mine') },
    })
    expect(api.store.get('configmaps', publicKeysName.namespace, publicKeysName.name)).toMatchObject({
      metadata: { labels: { team: 'platform' } },
      data: { note: 'theirs' },
    })
  })

  it('are filled once by processes that start at the same time', async () => {
    const api = await startApi()
    const keepers = [start(api), start(api), start(api)]
    await Promise.all(keepers.map(({ readings }) => readings(1)))
    const keys = await Promise.all(keepers.map(({ keeper }) => keeper.signingKey()))
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1)
    expect(keepers.flatMap(({ faults }) => faults)).toEqual([undefined, undefined, undefined])
    expect(countKeys(api.publicPem())).toBe(1)
  })

  it('are not made where they are missing', async () => {
    const api = await startApi({ secret: undefined })
    const { readings, lastFault, faults, keeper } = start(api)
    await readings(1)
    expect(lastFault()).toBe(
      'Secret svidwatch/svidwatch-signing-key does not exist: create it without data, svidwatch fills it',
    )
    expect(faults[0]?.code).toBe('not_found')
    await expect(keeper.signingKey()).rejects.toMatchObject({ code: 'signing_key' })
    api.store.create('secrets', secret())
    await api.clock.advance(1_000)
    await readings(2)
    expect(faults.at(-1)).toBeUndefined()
    expect(countKeys(api.publicPem())).toBe(1)
  })
})

describe('objects that have keys', () => {
  it('are only read', async () => {
    const { privatePem, publicPem } = createTokenKeys('P-256')
    const api = await startApi({
      secret: secret({ 'key.pem': base64(privatePem) }),
      publicKeys: publicKeys({ 'public.pem': publicPem }),
    })
    const { readings, isAcceptedBy } = start(api)
    await readings(1)
    expect(await isAcceptedBy(publicPem)).toBe(true)
    expect(api.requests.filter((request) => !request.startsWith('GET'))).toEqual([])
  })

  it('get another public key beside those of others, also where the last line does not end', async () => {
    const other = createTokenKeys().publicPem
    const api = await startApi({ publicKeys: publicKeys({ 'public.pem': other.trimEnd() }) })
    const { readings, isAcceptedBy } = start(api)
    await readings(1)
    expect(api.publicPem().startsWith(other)).toBe(true)
    expect(countKeys(api.publicPem())).toBe(2)
    expect(await isAcceptedBy(api.publicPem())).toBe(true)
  })

  it.each([
    ['no PEM', 'swordfish', 'it must hold one PEM block, of type PRIVATE KEY (PKCS #8, not encrypted)'],
    ['an RSA key', createTokenKeys('rsa').privatePem, 'it must be an Ed25519 key or one on the curve P-256'],
  ])('are named where the private key cannot be used: %s, and left as they are', async (_, text, problem) => {
    const api = await startApi({ secret: secret({ 'key.pem': base64(text) }) })
    const { readings, faults, lastFault } = start(api)
    await readings(1)
    expect(faults[0]?.code).toBe('configuration')
    expect(lastFault()).toBe(
      `Secret svidwatch/svidwatch-signing-key: key.pem: ${problem}; remove it, and svidwatch makes a new one`,
    )
    expect(api.privatePem()).toBe(text)
    api.write('secrets', secret())
    await api.clock.advance(1_000)
    await readings(2)
    expect(faults.at(-1)).toBeUndefined()
  })

  it.each([
    ['no PEM', 'swordfish', 'it must hold 1 to 16 PEM blocks, all of type PUBLIC KEY'],
    ['a private key', createTokenKeys().privatePem, 'it holds a private key: replace it with the public half'],
  ])('are named where the public keys cannot be used: %s', async (_, text, problem) => {
    const api = await startApi({ publicKeys: publicKeys({ 'public.pem': text }) })
    const { readings, lastFault, keeper } = start(api)
    await readings(1)
    expect(lastFault()).toBe(
      `ConfigMap svidwatch-node/svidwatch-public-keys: public.pem: ${problem}; remove what is wrong, and svidwatch adds its key`,
    )
    expect(api.publicPem()).toBe(text)
    expect(await keeper.signingKey()).toHaveProperty('keyId')
  })

  it('get no more public keys than node roles accept', async () => {
    const others = Array.from({ length: 16 }, () => createTokenKeys().publicPem).join('')
    const api = await startApi({ publicKeys: publicKeys({ 'public.pem': others }) })
    const { readings, lastFault } = start(api)
    await readings(1)
    expect(lastFault()).toMatch(/^ConfigMap .*: it has 16 keys, and node roles accept no more: remove those/)
    expect(api.publicPem()).toBe(others)
  })
})

describe('a right that is missing', () => {
  it.each([
    [
      'the Secret',
      [configMapRight],
      /^Secret .* cannot be read: GET .*secrets.* status 403.*; allow svidwatch to get and/,
    ],
    [
      'the ConfigMap',
      [secretRight],
      /^ConfigMap .* cannot be read: GET .*configmaps.* status 403.*; allow svidwatch to get/,
    ],
    [
      'writing the Secret',
      [{ ...secretRight, verbs: ['get'] }, configMapRight],
      /^Secret .* cannot be written: PUT .*secrets.* status 403.*; allow svidwatch to get and update this object$/,
    ],
  ])('is named: %s', async (_, rights, message) => {
    const api = await startApi({}, rights)
    const { readings, faults, lastFault } = start(api)
    await readings(1)
    expect(faults[0]?.code).toBe('forbidden')
    expect(lastFault()).toMatch(message)
  })
})

describe('a key that is replaced', () => {
  /** Returns a keeper whose keys are known to the node roles, and both texts. */
  async function settled() {
    const api = await startApi()
    const keeper = start(api)
    await keeper.readings(1)
    return { api, ...keeper, old: { privatePem: api.privatePem(), publicPem: api.publicPem() } }
  }

  it('by emptying the Secret is published first, and signs once the node roles know it', async () => {
    const { api, readings, isAcceptedBy, old } = await settled()
    api.write('secrets', secret())
    await api.clock.advance(readAgainMs)
    await readings(2)
    expect(api.privatePem()).toMatch(/BEGIN PRIVATE KEY/)
    expect(api.privatePem()).not.toBe(old.privatePem)
    expect(countKeys(api.publicPem())).toBe(2)
    expect(await isAcceptedBy(old.publicPem)).toBe(true)
    await api.clock.advance(readAgainMs)
    await readings(3)
    expect(await isAcceptedBy(old.publicPem)).toBe(false)
    expect(await isAcceptedBy(api.publicPem())).toBe(true)
  })

  it('together with the public keys signs at once, because the old one is accepted no longer', async () => {
    const { api, readings, isAcceptedBy, old } = await settled()
    api.write('secrets', secret())
    api.write('configmaps', publicKeys())
    await api.clock.advance(readAgainMs)
    await readings(2)
    expect(countKeys(api.publicPem())).toBe(1)
    expect(await isAcceptedBy(api.publicPem())).toBe(true)
    expect(await isAcceptedBy(old.publicPem)).toBe(false)
  })

  it('stays in use where the Secret disappears, and the fault is named', async () => {
    const { api, readings, lastFault, isAcceptedBy, old } = await settled()
    api.store.delete('secrets', secretName.namespace, secretName.name)
    await api.clock.advance(readAgainMs)
    await readings(2)
    expect(lastFault()).toMatch(/^Secret .* does not exist/)
    expect(await isAcceptedBy(old.publicPem)).toBe(true)
  })
})

it('an API server that is away at the start is asked again, later and later', async () => {
  const api = await startApi()
  await api.server.close()
  const { readings, faults, lastFault } = start(api)
  await readings(1)
  expect(faults[0]?.code).toBe('unreachable')
  expect(lastFault()).toMatch(/^Secret svidwatch\/svidwatch-signing-key cannot be read: GET /)
  await api.clock.advance(400)
  await readings(2)
  const { clock, store, server } = api
  const again = await startApiServer({ clock, store, token: server.token, port: Number(new URL(server.url).port) })
  onTestFinished(() => again.close())
  await api.clock.advance(700)
  expect(faults).toHaveLength(2)
  await api.clock.advance(100)
  await readings(3)
  expect(faults[2]).toBeUndefined()
  expect(countKeys(api.publicPem())).toBe(1)
})

it('an answer that is cut off gets nothing of the key into a message', async () => {
  const key = base64(createTokenKeys().privatePem)
  const proxy = createServer((_, response) => response.end(`{"kind":"Secret","data":{"key.pem":"${key}"},x`))
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  const api = await startApi()
  const { port } = proxy.address() as AddressInfo
  const kubeconfig = api.server.kubeconfig.replace(api.server.url, `http://127.0.0.1:${port}`)
  const client = createClientFromText(kubeconfig, api.clock)
  onTestFinished(() => client.close())
  const { readings, lastFault, faults } = start(api, client)
  await readings(1)
  expect(faults[0]?.code).toBe('protocol')
  expect(lastFault()).toMatch(/^Secret .* cannot be read: GET \/api\/v1\/[-\w/]+: the answer is not JSON$/)
})
