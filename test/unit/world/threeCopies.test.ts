import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { describe, expect, test } from 'vitest'
import type { KubernetesObject } from '../../../src/world/apiServer/object.ts'
import { createCertificateAuthority } from '../../../src/world/certificateAuthority.ts'
import type { PodTruth } from '../../../src/world/truth.ts'
import { lifetimeMs, worldOnHold, type WorldOnHold } from '../../support/worldOnHold.ts'

interface Presented {
  readonly notAfterMs: number
  /** Whether OpenSSL verifies the chain against the authorities, as of now. */
  readonly isTrusted: boolean
}

const serverPort = 8443

/** Connects to the server of a pod, as a peer that trusts these authorities. Resolves with what it presents. */
async function presented(
  { world }: WorldOnHold,
  { podIp = '' }: PodTruth['workload'],
  { ca, port = serverPort }: { readonly ca?: string; readonly port?: number } = {},
): Promise<Presented> {
  // A peer of SPIFFE checks no name.
  const asPeer = { rejectUnauthorized: false, checkServerIdentity: () => undefined, ...(ca !== undefined && { ca }) }
  return new Promise((resolve, reject) => {
    const socket = connect({ ...world.route(podIp, port), ...asPeer }, () => {
      const { valid_to: notAfter } = socket.getPeerCertificate()
      resolve({ notAfterMs: Date.parse(notAfter), isTrusted: socket.authorized })
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

/** The first line that an HTTP client without a certificate gets from the server of a pod; empty if the connection fails. */
function answered({ world }: WorldOnHold, { podIp = '' }: PodTruth['workload']): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ ...world.route(podIp, serverPort), rejectUnauthorized: false })
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text.split('\r\n')[0] ?? ''))
    socket.end('GET / HTTP/1.1\r\nHost: pod\r\nConnection: close\r\n\r\n')
  })
}

async function podObject({ world }: WorldOnHold, name = 'cart-0'): Promise<KubernetesObject> {
  const path = `/api/v1/namespaces/shop/pods/${name}`
  const answer = await fetch(world.api.url + path, { headers: { authorization: `Bearer ${world.api.token}` } })
  return (await answer.json()) as KubernetesObject
}

/** When the only container of a pod started, ms since the Unix epoch. */
async function startedMs(held: WorldOnHold): Promise<number> {
  const { containerStatuses } = (await podObject(held))['status'] as {
    containerStatuses: { state: { running: { startedAt: string } } }[]
  }
  return Date.parse(containerStatuses[0]?.state.running.startedAt ?? '')
}

async function mountBirthMs({ kubeletRoot, pod }: WorldOnHold): Promise<number> {
  const { podUid } = (await pod()).workload
  return (await stat(join(kubeletRoot, 'pods', podUid, 'volumes/kubernetes.io~csi/spiffe/mount'))).birthtimeMs
}

/** Waits for the next renewal of the only pod on the host. */
async function renewed({ pod, until }: WorldOnHold): Promise<PodTruth> {
  const { mounted } = await pod()
  await until(async () => expect((await pod()).mounted).not.toEqual(mounted))
  return pod()
}

describe('a server in a pod', () => {
  test('has a named port and an address in the API, and is reached through the route of the world', async () => {
    const held = await worldOnHold([{ serves: 'tls' }, { name: 'cart-1' }])
    const [serving, other] = [await held.pod('cart-0'), await held.pod('cart-1')]
    expect(await podObject(held)).toMatchObject({
      spec: { containers: [{ ports: [{ name: 'https', containerPort: serverPort }] }] },
      status: { podIP: serving.workload.podIp },
    })
    expect(serving.workload.podIp).toMatch(/^10\.244\./)
    expect(other.workload.podIp).not.toBe(serving.workload.podIp)
    await expect(presented(held, serving.workload, { port: 443 })).rejects.toThrow('ECONNREFUSED')
    await expect(presented(held, other.workload)).rejects.toThrow('ECONNREFUSED')
    expect(await answered(held, serving.workload)).toBe('HTTP/1.1 200 OK')
  })

  test('presents what is mounted, with its key, and after a renewal the new SVID', async () => {
    const held = await worldOnHold([{ serves: 'tls' }])
    for (const look of [() => held.pod(), () => renewed(held)]) {
      const { mounted, inContainers, served, workload } = await look()
      expect([inContainers, served]).toEqual([mounted, mounted])
      expect((await presented(held, workload)).notAfterMs).toBe(mounted?.notAfterMs)
    }
  })

  test('that never reloads presents the SVID of its start, past its expiry', async () => {
    const held = await worldOnHold([{ serves: 'tls', fate: 'notReloaded' }])
    const { served, mounted } = await held.pod()
    expect(served?.notAfterMs).toBeLessThan(mounted?.notAfterMs ?? NaN)
    await renewed(held)
    const later = await renewed(held)
    expect(later.served).toEqual(served)
    expect(later.inContainers).toEqual(later.mounted)
    expect(held.clock.now()).toBeGreaterThan(served?.notAfterMs ?? NaN)
    expect((await presented(held, later.workload)).notAfterMs).toBe(served?.notAfterMs)
  })

  test('that never reloads has the new SVID after its container was started anew', async () => {
    const held = await worldOnHold([{ serves: 'tls', fate: 'notReloaded' }])
    await held.world.restartContainer('cart-0')
    const { served, mounted, workload } = await held.pod()
    expect(served).toEqual(mounted)
    expect((await presented(held, workload)).notAfterMs).toBe(mounted?.notAfterMs)
  })

  test('that demands a certificate shows its own to whoever connects, and answers nobody without one', async () => {
    const held = await worldOnHold([{ serves: 'mtls' }])
    const { workload, mounted } = await held.pod()
    expect((await presented(held, workload)).notAfterMs).toBe(mounted?.notAfterMs)
    expect(await answered(held, workload)).toBe('')
  })

  test('goes with its pod, and the next pod has another address', async () => {
    const held = await worldOnHold([{ serves: 'tls' }])
    const before = (await held.pod()).workload
    await held.world.replacePod('cart-0')
    await expect(presented(held, before)).rejects.toThrow('ECONNREFUSED')
    await held.until(async () => expect((await held.pod()).served).toBeDefined())
    const after = await held.pod()
    expect(after.workload.podIp).not.toBe(before.podIp)
    expect((await presented(held, after.workload)).notAfterMs).toBe(after.mounted?.notAfterMs)
  })
})

test('a chain that a server presents verifies against the bundle in its volume, as OpenSSL says', async () => {
  const held = await worldOnHold([{ serves: 'tls' }])
  const { workload } = await held.pod()
  const mount = join(held.kubeletRoot, 'pods', workload.podUid, 'volumes/kubernetes.io~csi/spiffe/mount')
  const ca = await readFile(join(mount, 'ca.crt'), 'utf8')
  const stranger = await createCertificateAuthority('spiffe-ca', held.clock.now())
  expect((await presented(held, workload, { ca })).isTrusted).toBe(true)
  expect((await presented(held, workload, { ca: stranger.certificatePem })).isTrusted).toBe(false)
})

describe('a detached mount', () => {
  /** Restarts the driver while nothing is issued, until the host's mount is gone. */
  async function mountGone(held: WorldOnHold): Promise<PodTruth> {
    const before = await held.pod()
    held.world.stopIssuer()
    await held.world.restartDriver()
    await held.until(async () => expect((await held.pod()).mounted).toBeUndefined())
    return before
  }

  test('is what a restart of the driver leaves behind while nothing is issued', async () => {
    const held = await worldOnHold([{ serves: 'tls' }])
    const firstBirthMs = await mountBirthMs(held)
    const before = await mountGone(held)
    expect(await held.pod()).toMatchObject({ inContainers: before.mounted, served: before.mounted, detached: false })

    held.world.startIssuer()
    await held.until(async () => expect((await held.pod()).mounted).toBeDefined())
    const after = await renewed(held)
    expect(after).toMatchObject({
      detached: true,
      mountDead: false,
      inContainers: before.mounted,
      served: before.mounted,
    })
    expect(after.newestRequest?.certificate).toEqual(after.mounted)
    expect(await mountBirthMs(held)).toBeGreaterThan(firstBirthMs)
  })

  test('ends when the container starts anew', async () => {
    const held = await worldOnHold([{ serves: 'tls' }])
    await mountGone(held)
    held.world.startIssuer()
    await held.until(async () => expect((await held.pod()).detached).toBe(true))
    await held.world.restartContainer('cart-0')
    const { mounted, ...after } = await held.pod()
    expect(after).toMatchObject({ detached: false, inContainers: mounted, served: mounted })
    expect((await startedMs(held)) + 1000).toBeGreaterThan(await mountBirthMs(held))
  })

  test('is not what a restart leaves behind where the first attempt succeeds: that mount is dead', async () => {
    const held = await worldOnHold([{}])
    const { mounted, newestRequest } = await held.pod()
    await held.world.restartDriver()
    await held.until(async () => expect((await held.pod()).newestRequest?.name).not.toBe(newestRequest?.name))
    await held.until(async () => expect((await held.pod()).newestRequest?.state).toBe('issued'))
    held.world.stopIssuer()
    await held.until(() => expect(held.clock.now()).toBeGreaterThan((mounted?.notAfterMs ?? NaN) + lifetimeMs))
    expect(await held.pod()).toMatchObject({ mounted, inContainers: mounted, mountDead: true, detached: false })
  })

  test('is born later than the container by more than a second from the start, where that is the fate of the pod', async () => {
    const held = await worldOnHold([{ fate: 'detached' }])
    const { mounted, inContainers, detached } = await held.pod()
    expect(detached).toBe(true)
    expect(mounted?.notAfterMs).toBeGreaterThan(held.clock.now())
    expect(inContainers?.notAfterMs).toBeLessThan(held.clock.now())
    expect((await mountBirthMs(held)) - (await startedMs(held))).toBeGreaterThan(2000)
  })

  test.each(['healthy', 'stuck', 'deadMount', 'notReloaded', 'subPath'] as const)(
    'is nothing that a pod has whose fate is %s: its mount is no younger than its container',
    async (fate) => {
      const held = await worldOnHold([{ fate }])
      expect((await mountBirthMs(held)) - (await startedMs(held))).toBeLessThan(1000)
    },
  )
})

test('a volume that is unmounted on the host is mounted anew at the next renewal, and the container keeps the old one', async () => {
  const held = await worldOnHold([{}])
  const before = await held.pod()
  await held.world.unmountVolume('cart-0')
  expect(await held.pod()).toMatchObject({ mounted: undefined, inContainers: before.mounted })
  await held.until(async () => expect((await held.pod()).mounted).toBeDefined())
  expect(await held.pod()).toMatchObject({ detached: true, inContainers: before.mounted })
})

test('a volume that is emptied has no files until the next renewal', async () => {
  const held = await worldOnHold([{}])
  await held.world.emptyVolume('cart-0')
  expect(await held.pod()).toMatchObject({ mounted: undefined, inContainers: undefined, detached: false })
  await held.until(async () => expect((await held.pod()).mounted).toBeDefined())
  const { mounted, inContainers } = await held.pod()
  expect(inContainers).toEqual(mounted)
})

test('a container that mounts by subPath keeps the first SVID, which nothing but its spec shows', async () => {
  const held = await worldOnHold([{ fate: 'subPath' }])
  const { inContainers } = await held.pod()
  const later = await renewed(held)
  expect(later.inContainers).toEqual(inContainers)
  expect(later.inContainers).not.toEqual(later.mounted)
  expect(await podObject(held)).toMatchObject({
    spec: { containers: [{ volumeMounts: [{ name: 'spiffe', subPath: 'tls.crt' }] }] },
  })
})
