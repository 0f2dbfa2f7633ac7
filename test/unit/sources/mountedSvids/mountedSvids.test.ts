import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { podsFolder, volumePaths } from '../../../../src/sources/mountedSvids/layout.ts'
import { endMs, MountedSvidsWorld, podUid, web } from '../../../support/mountedSvidsWorld.ts'
import type { StartedSource } from '../../../support/startedSource.ts'
import { createTestCa } from '../../../support/testCa.ts'

let world: MountedSvidsWorld
beforeEach(async () => {
  world = await MountedSvidsWorld.create()
})
afterEach(() => world.close())

const ending = (endMinute: number) => ({ mounted: { reading: { svid: { notAfterMs: endMs(endMinute) } } } })

describe('a mounted volume', () => {
  test('is reported with its SVID, its bundle and its age; then the source is in contact', async () => {
    await world.mountedVolume()
    const source = await world.start()
    expect(source.observations).toMatchObject([
      {
        kind: 'mounted',
        mounted: {
          podUid,
          volume: 'spiffe',
          reading: {
            svid: { spiffeId: web, trustDomain: 'example.org', notBeforeMs: endMs(0), notAfterMs: endMs(60) },
          },
          writtenMs: expect.any(Number) as number,
          bundle: {
            certificates: 1,
            authorities: [{ fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string }],
            newestNotAfterMs: Date.UTC(2035, 0, 1),
          },
          mountBirthMs: expect.any(Number) as number,
        },
      },
      { kind: 'contact', source: 'mountedSvids' },
    ])
  })

  test('is not reported again while nothing changes', async () => {
    await world.mountedVolume()
    const source = await world.start()
    await source.seconds(30)
    expect(source.all('mounted')).toHaveLength(1)
    expect(source.all('contact')).toHaveLength(31)
    expect(source.observations).toHaveLength(32)
  })

  test('is reported within a second when the driver swaps its files', async () => {
    const paths = await world.mountedVolume()
    const source = await world.start()
    for (const endMinute of [90, 120]) {
      await world.kubelet.write(paths, await world.files(endMinute))
      await source.withinASecond(() => expect(source.last('mounted')).toMatchObject(ending(endMinute)))
    }
    expect(source.all('mounted')).toHaveLength(3)
  })

  test('is reported when only its bundle changes', async () => {
    const paths = await world.mountedVolume()
    const source = await world.start()
    const { certificatePem } = await createTestCa({ notAfter: new Date(endMs(500)) })
    await world.kubelet.write(paths, { ...(await world.files()), 'ca.crt': certificatePem + world.ca.certificatePem })
    await source.withinASecond(() => {
      expect(source.last('mounted')).toMatchObject({ mounted: { bundle: { certificates: 2 } } })
    })
  })

  test('is reported with what a peer makes of its SVID, again when only the bundle changes', async () => {
    const paths = await world.mountedVolume()
    const source = await world.start()
    const fingerprint = source.last('mounted')?.mounted.bundle?.authorities[0]?.fingerprint
    const period = { notBeforeMs: Date.UTC(2025, 0, 1), notAfterMs: Date.UTC(2035, 0, 1) }
    expect(source.last('mounted')).toMatchObject({ mounted: { verdict: { authority: fingerprint, period } } })

    const files = await world.files()
    await world.kubelet.write(paths, { ...files, 'ca.crt': (await createTestCa()).certificatePem })
    await source.withinASecond(() => {
      expect(source.last('mounted')).toMatchObject({ mounted: { verdict: { refusal: 'unknown_authority' } } })
    })
    await world.kubelet.write(paths, files)
    await source.withinASecond(() => {
      expect(source.last('mounted')).toMatchObject({ mounted: { verdict: { authority: fingerprint, period } } })
    })
  })

  test('with a leaf that has no key usage is readable, and refused by peers', async () => {
    const paths = await world.kubelet.addVolume(podUid, 'spiffe')
    const period = { notBefore: new Date(endMs(0)), notAfter: new Date(endMs(60)) }
    const { certificatePem } = await world.ca.issue({ uris: [web], ...period })
    await world.kubelet.write(paths, { 'tls.crt': certificatePem, 'ca.crt': world.ca.certificatePem })
    const source = await world.start()
    expect(source.last('mounted')).toMatchObject(ending(60))
    expect(source.last('mounted')).toMatchObject({
      mounted: { verdict: { refusal: 'no_key_usage', detail: 'the leaf has no key usage' } },
    })
  })

  test('that loses all its files is empty, until it has files again', async () => {
    const paths = await world.mountedVolume()
    const source = await world.start()
    await rm(join(paths.mount, '..data'))
    await source.withinASecond(() => {
      expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'empty_volume' } } })
    })
    await world.kubelet.write(paths, await world.files(90))
    await source.withinASecond(() => expect(source.last('mounted')).toMatchObject(ending(90)))
  })

  test('of plain files that loses its certificate and keeps others is not empty', async () => {
    const paths = await world.mountedVolume()
    const plain = await readFile(join(paths.mount, 'tls.crt'))
    await rm(paths.mount, { recursive: true })
    await mkdir(paths.mount)
    for (const name of ['tls.crt', 'ca.crt']) await writeFile(join(paths.mount, name), plain)
    const source = await world.start()
    await rm(join(paths.mount, 'tls.crt'))
    await source.withinASecond(() => {
      expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'missing' } } })
    })
    await rm(join(paths.mount, 'ca.crt'))
    await source.withinASecond(() => {
      expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'empty_volume' } } })
    })
  })

  test('is read and watched anew when its folder becomes another one', async () => {
    const paths = await world.mountedVolume()
    const source = await world.start()
    await rename(paths.mount, join(paths.folder, 'old'))
    await mkdir(paths.mount)
    await world.kubelet.write(paths, await world.files(90))
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject(ending(90))

    await world.kubelet.write(paths, await world.files(120))
    await source.withinASecond(() => expect(source.last('mounted')).toMatchObject(ending(120)))
  })

  test('is reported with the time at which its certificate was written, while there is one', async () => {
    const paths = await world.mountedVolume()
    await utimes(join(paths.mount, 'tls.crt'), new Date(0), new Date(endMs(1)))
    const source = await world.start()
    expect(source.last('mounted')).toMatchObject({ mounted: { writtenMs: endMs(1) } })

    await rm(join(paths.mount, 'tls.crt'))
    await source.withinASecond(() => {
      expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'missing' } } })
    })
    expect(source.last('mounted')?.mounted).not.toHaveProperty('writtenMs')
  })

  test('without a bundle has none', async () => {
    const paths = await world.kubelet.addVolume(podUid, 'spiffe')
    await world.kubelet.write(paths, { 'tls.crt': (await world.files())['tls.crt'] })
    const source = await world.start()
    await source.seconds(12)
    expect(source.last('mounted')?.mounted).not.toHaveProperty('bundle')
    expect(source.all('rejected')).toEqual([])
  })

  test('with a bundle that is none keeps its SVID, and the bundle is refused once', async () => {
    const paths = await world.kubelet.addVolume(podUid, 'spiffe')
    await world.kubelet.write(paths, { ...(await world.files()), 'ca.crt': 'nonsense' })
    const source = await world.start()
    await source.seconds(20)
    expect(source.last('mounted')).toMatchObject(ending(60))
    expect(source.last('mounted')?.mounted).not.toHaveProperty('bundle')
    expect(source.all('rejected')).toMatchObject([{ reason: 'malformed_pem', where: join(paths.mount, 'ca.crt') }])
  })
})

describe('volumes that come and go', () => {
  test('a volume of a new pod is found within a second, and again once it is published', async () => {
    const source = await world.start()
    await source.seconds(5)
    const paths = await world.kubelet.addVolume(podUid, 'spiffe')
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'missing' } } })

    await world.kubelet.write(paths, await world.files())
    await source.withinASecond(() => expect(source.last('mounted')).toMatchObject(ending(60)))
  })

  test('a volume on whose folder nothing is mounted is told so once the driver has had time to mount it', async () => {
    const paths = await world.kubelet.addVolume(podUid, 'spiffe')
    const source = await world.start()
    await source.seconds(8)
    expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'missing' } } })
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'unmounted' }, mountBirthMs: 0 } })

    await world.kubelet.write(paths, await world.files())
    await source.withinASecond(() => expect(source.last('mounted')).toMatchObject(ending(60)))
  })

  test('a volume that an old pod gets is found within half a minute', async () => {
    await mkdir(join(podsFolder(world.kubelet.root), podUid))
    const source = await world.start()
    await source.seconds(125)
    await world.mountedVolume()
    await source.seconds(30)
    expect(source.last('mounted')).toMatchObject(ending(60))
  })

  test('all volumes of a removed pod are unmounted', async () => {
    await world.mountedVolume('first')
    await world.mountedVolume('second')
    const source = await world.start()
    await world.kubelet.removePod(podUid)
    await source.seconds(1)
    expect(source.all('unmounted')).toMatchObject([
      { podUid, volume: 'first' },
      { podUid, volume: 'second' },
    ])
  })

  test('one volume of a living pod is unmounted as the kubelet removes it', async () => {
    const paths = await world.mountedVolume()
    await world.mountedVolume('other')
    const source = await world.start()
    await source.seconds(125)
    await rm(paths.mount, { recursive: true })
    await source.seconds(1)
    expect(source.all('unmounted')).toEqual([])
    await rm(paths.volumeData)
    await source.seconds(1)
    expect(source.all('unmounted')).toMatchObject([{ volume: 'spiffe' }])
  })

  test('a volume whose mount is gone while the pod lives says so, and heals', async () => {
    const paths = await world.mountedVolume()
    const source = await world.start()
    await rm(paths.mount, { recursive: true })
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'unmounted' }, mountBirthMs: 0 } })
    expect(source.all('rejected')).toEqual([])
    await source.seconds(20)
    expect(source.all('rejected')).toMatchObject([{ reason: 'unmounted', where: join(paths.mount, 'tls.crt') }])

    await mkdir(paths.mount)
    await world.kubelet.write(paths, await world.files(90))
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject(ending(90))
  })
})

describe('folders that are no volumes of the driver', () => {
  test('are left alone', async () => {
    await world.kubelet.write(
      await world.kubelet.addVolume(podUid, 'other', 'other.csi.example.org'),
      await world.files(),
    )
    await world.kubelet.write(await world.kubelet.addVolume(podUid, 'Not_A_Name'), await world.files())
    await world.kubelet.write(await world.kubelet.addVolume('not a uid', 'spiffe'), await world.files())
    await mkdir(volumePaths(world.kubelet.root, podUid, 'unknown').folder)
    const source = await world.start()
    await source.seconds(12)
    expect(source.observations).toEqual(Array(13).fill({ kind: 'contact', source: 'mountedSvids' }))
  })

  test.each([
    ['half-written', '{"driverName":"spi'],
    ['without a driver', '{"specVolID":"spiffe"}'],
    ['not an object', 'null'],
    ['huge', ' '.repeat(70_000)],
  ])('with a vol_data.json that is %s are refused once, and found when it is right', async (_what, text) => {
    const paths = await world.mountedVolume()
    await writeFile(paths.volumeData, text)
    const source = await world.start()
    expect(source.all('rejected')).toEqual([])
    await source.seconds(20)
    expect(source.all('rejected')).toMatchObject([{ reason: 'malformed_volume_data', where: paths.volumeData }])

    await world.mountedVolume('other')
    await writeFile(paths.volumeData, '{"driverName":"spiffe.csi.cert-manager.io"}')
    await source.seconds(1)
    expect(source.all('mounted')).toHaveLength(2)
  })

  const addVolumes = async (uid: string, count: number) => {
    for (let number = 0; number < count; number += 1) await world.kubelet.addVolume(uid, `volume-${number}`)
  }
  const uidOf = (index: number) => podUid.replace(/^.{4}/, String(index).padStart(4, '0'))
  const watchedOf = (source: StartedSource, uid: string) =>
    new Set(source.all('mounted').flatMap(({ mounted }) => (mounted.podUid === uid ? mounted.volume : []))).size

  test('of one pod beyond 100 are refused once, told by their number, and hide no other pod', async () => {
    await addVolumes(uidOf(1), 1002)
    await addVolumes(uidOf(2), 6)
    const source = await world.start()
    await source.seconds(1)
    await addVolumes(uidOf(3), 6)
    await source.seconds(5)
    expect([1, 2, 3].map((index) => watchedOf(source, uidOf(index)))).toEqual([100, 6, 6])
    expect(source.all('rejected')).toMatchObject([
      { reason: 'unreadable', detail: expect.stringMatching('100 volumes of a pod') as string },
    ])
    expect(source.all('withoutPlace')).toMatchObject([{ source: 'mountedSvids', count: 902 }])
    await world.kubelet.removePod(uidOf(1))
    await source.seconds(2)
    expect(source.last('withoutPlace')).toMatchObject({ count: 0 })
  })

  test('of a node beyond 1000 leave four places to each pod', async () => {
    for (let index = 0; index < 10; index += 1) await addVolumes(uidOf(index), 100)
    const source = await world.start()
    await source.seconds(1)
    await addVolumes(uidOf(10), 6)
    await source.seconds(5)
    expect(watchedOf(source, uidOf(10))).toBe(4)
    expect(source.all('withoutPlace')).toMatchObject([{ count: 2 }])
    await world.kubelet.removePod(uidOf(0))
    await source.seconds(5)
    expect(watchedOf(source, uidOf(10))).toBe(6)
  })
})

describe('a kubelet root that cannot be read', () => {
  test('is trouble, once, that names the folder; and contact when it can', async () => {
    const root = join(world.kubelet.root, 'moved')
    const source = await world.start(root)
    await source.seconds(5)
    expect(source.observations).toMatchObject([{ kind: 'trouble', source: 'mountedSvids', reason: 'unreadable' }])
    expect(source.last('trouble')?.detail).toContain(root)

    await mkdir(podsFolder(root), { recursive: true })
    await source.seconds(1)
    expect(source.last('contact')).toBeDefined()
  })

  test('takes nothing away from what was known', async () => {
    await world.mountedVolume()
    const source = await world.start()
    const pods = podsFolder(world.kubelet.root)
    await rename(pods, `${pods}-away`)
    await source.seconds(5)
    await rename(`${pods}-away`, pods)
    await source.seconds(1)
    expect(source.observations.map(({ kind }) => kind)).toEqual(['mounted', 'contact', 'trouble', 'contact'])
  })
})

test('nothing is reported after close', async () => {
  const paths = await world.mountedVolume()
  const source = await world.start()
  await source.close()
  await source.close()
  await world.kubelet.write(paths, await world.files(90))
  await world.kubelet.removePod(podUid)
  expect(source.observations).toHaveLength(2)
})
