import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { KubernetesObject } from '../../../src/world/apiServer/object.ts'
import type { PodTruth } from '../../../src/world/truth.ts'
import { worldOnHold, type WorldOnHold } from '../../support/worldOnHold.ts'

interface List {
  readonly items: readonly KubernetesObject[]
}

async function list({ world }: WorldOnHold, path: string): Promise<readonly KubernetesObject[]> {
  const { url, token } = world.api
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
  return ((await answer.json()) as List).items
}

const bundlesPath = '/apis/trust.cert-manager.io/v1alpha1/bundles'
const copiesPath = '/api/v1/configmaps?fieldSelector=metadata.name=spiffe-ca'

/** The certificates of the ConfigMap of each namespace, PEM. */
async function copies(held: WorldOnHold): Promise<Readonly<Record<string, string>>> {
  const maps = await list(held, copiesPath)
  return Object.fromEntries(
    maps.map(({ metadata, ...map }) => [metadata.namespace ?? '', (map['data'] as { 'ca.crt': string })['ca.crt']]),
  )
}

/** The trust bundle in the volume of a pod. */
async function inVolume({ world, pod }: WorldOnHold, name?: string): Promise<string> {
  const { workload } = await pod(name)
  const mount = join('pods', workload.podUid, 'volumes/kubernetes.io~csi/spiffe/mount/ca.crt')
  return readFile(join(world.folder, workload.node.name, mount), 'utf8')
}

const certificatesIn = (pem: string): number => pem.split('BEGIN CERTIFICATE').length - 1

/** Waits for the next renewal of the only pod. */
async function renewed({ pod, until }: WorldOnHold): Promise<PodTruth> {
  const { mounted } = await pod()
  await until(async () => expect((await pod()).mounted).not.toEqual(mounted))
  return pod()
}

describe('trust-manager', () => {
  test('has one Bundle that is synced, and a ConfigMap of its name in each namespace', async () => {
    const held = await worldOnHold([{}])
    expect(await list(held, bundlesPath)).toMatchObject([
      { kind: 'Bundle', metadata: { name: 'spiffe-ca' }, status: { conditions: [{ type: 'Synced', status: 'True' }] } },
    ])
    const names = (await list(held, '/api/v1/namespaces')).map(({ metadata }) => metadata.name)
    const present = await copies(held)
    expect(Object.keys(present).sort()).toEqual(names.sort())
    expect(new Set(Object.values(present))).toEqual(new Set([await inVolume(held)]))
    expect(await list(held, copiesPath)).toMatchObject(
      names.map(() => ({ metadata: { labels: { 'trust.cert-manager.io/bundle': 'spiffe-ca' } } })),
    )
  })

  test('brings a CA into every ConfigMap within a second', async () => {
    const held = await worldOnHold([{}])
    await held.world.announceAuthority()
    await held.clock.advance(1000)
    for (const pem of Object.values(await copies(held))) expect(certificatesIn(pem)).toBe(2)
  })

  test('changes nothing while it is stopped, and everything once it is started', async () => {
    const held = await worldOnHold([{}])
    held.world.stopTrustManager()
    await held.world.announceAuthority()
    await held.clock.advance(60_000)
    for (const pem of Object.values(await copies(held))) expect(certificatesIn(pem)).toBe(1)
    held.world.startTrustManager()
    await held.clock.advance(1000)
    for (const pem of Object.values(await copies(held))) expect(certificatesIn(pem)).toBe(2)
  })

  test('undoes what somebody has written into a ConfigMap, unless it is stopped', async () => {
    const held = await worldOnHold([{}])
    const { shop: before } = await copies(held)
    held.world.editBundle('shop', 'nothing')
    expect((await copies(held))['shop']).toBe('nothing')
    await held.clock.advance(1000)
    expect((await copies(held))['shop']).toBe(before)
    held.world.stopTrustManager()
    held.world.editBundle('shop', 'nothing')
    await held.clock.advance(60_000)
    expect((await copies(held))['shop']).toBe('nothing')
  })

  test('says that the source of the Bundle is gone, and leaves the ConfigMaps as they are', async () => {
    const held = await worldOnHold([{}])
    const before = await copies(held)
    held.world.loseBundleSource()
    await held.clock.advance(1000)
    const condition = { type: 'Synced', status: 'False', reason: 'SourceNotFound' }
    expect(await list(held, bundlesPath)).toMatchObject([{ status: { conditions: [condition] } }])
    expect(await copies(held)).toEqual(before)
  })
})

describe('a driver', () => {
  test('writes a changed source bundle into its volumes within a minute, beside the same SVID', async () => {
    const held = await worldOnHold([{}])
    const { mounted } = await held.pod()
    await held.world.announceAuthority()
    await held.until(async () => expect(certificatesIn(await inVolume(held))).toBe(2))
    const { mounted: after, verifies } = await held.pod()
    expect({ after, verifies }).toEqual({ after: mounted, verifies: true })
  })

  test('follows the ConfigMap of its own namespace, not that of the pods', async () => {
    const held = await worldOnHold([{}])
    held.world.stopTrustManager()
    held.world.editBundle('shop', 'nothing')
    await held.clock.advance(60_000)
    expect(certificatesIn(await inVolume(held))).toBe(1)
    held.world.editBundle('cert-manager', 'nothing')
    await held.until(async () => expect(await inVolume(held)).toBe('nothing'))
  })

  test('that keeps its source bundle does so through renewals, while the other node has the new one', async () => {
    const held = await worldOnHold([{}, { name: 'cart-1', node: 'node-2' }])
    held.world.holdBundle('node-1')
    await held.world.announceAuthority()
    await held.until(async () => expect(certificatesIn(await inVolume(held, 'cart-1'))).toBe(2))
    await renewed(held)
    expect(certificatesIn(await inVolume(held))).toBe(1)
  })
})

describe('a new CA', () => {
  test('signs what does not verify against the bundle in the volumes, until that is distributed', async () => {
    const held = await worldOnHold([{}])
    held.world.stopTrustManager()
    expect((await held.pod()).verifies).toBe(true)
    await held.world.rotateAuthority()
    expect((await held.pod()).verifies).toBe(true)
    expect((await renewed(held)).verifies).toBe(false)
    expect((await renewed(held)).verifies).toBe(false)
    held.world.startTrustManager()
    await held.until(async () => expect((await held.pod()).verifies).toBe(true))
    expect((await renewed(held)).verifies).toBe(true)
  })

  test('that comes into the volumes at once is not the one of their SVIDs, until they are renewed', async () => {
    const held = await worldOnHold([{}])
    await held.world.rotateAuthority()
    await held.until(async () => expect((await held.pod()).verifies).toBe(false))
    const { mounted } = await held.pod()
    expect((await renewed(held)).mounted).not.toEqual(mounted)
    expect((await held.pod()).verifies).toBe(true)
  })

  test('that is announced, signs, and is alone in the end breaks nothing', async () => {
    const held = await worldOnHold([{}])
    const { world, pod, until } = held
    await world.announceAuthority()
    await until(async () => expect(certificatesIn(await inVolume(held))).toBe(2))
    world.signWithNewest()
    expect((await renewed(held)).verifies).toBe(true)
    world.dropOlderAuthorities()
    await until(async () => expect(certificatesIn(await inVolume(held))).toBe(1))
    expect((await pod()).verifies).toBe(true)
  })

  test('has the name of the old one and another key, and is what new requests say of their CA', async () => {
    const held = await worldOnHold([{}])
    const caOf = async () => {
      const items = await list(held, '/apis/cert-manager.io/v1/namespaces/shop/certificaterequests')
      const { ca } = items[0]?.['status'] as { ca: string }
      return new X509Certificate(Buffer.from(ca, 'base64'))
    }
    const before = await caOf()
    await held.world.rotateAuthority()
    await renewed(held)
    const after = await caOf()
    expect(after.subject).toBe(before.subject)
    expect(after.publicKey.equals(before.publicKey)).toBe(false)
  })
})
