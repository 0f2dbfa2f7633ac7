import { mkdir, mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { podsFolder, type VolumePaths } from '../../../../src/sources/mountedSvids/layout.ts'
import { eventually } from '../../../support/eventually.ts'
import { canMountFuse, FuseMount } from '../../../support/fuse/fuseMount.ts'
import { endMs, MountedSvidsWorld, podUid } from '../../../support/mountedSvidsWorld.ts'
import type { StartedSource } from '../../../support/startedSource.ts'

let world: MountedSvidsWorld
let fuse: FuseMount | undefined
beforeEach(async () => {
  world = await MountedSvidsWorld.create()
})
afterEach(async () => {
  await fuse?.close()
  fuse = undefined
  await world.close()
})

/** The folder behind the file system that gets stuck. */
const behind = () => join(world.kubelet.root, 'behind')

/** Creates volumes of the pod on one file system that can get stuck. */
async function fuseVolumes(...names: string[]): Promise<{ mounts: VolumePaths[]; stuck: FuseMount }> {
  await mkdir(behind())
  await world.kubelet.write({ mount: behind() }, await world.files())
  const mounts: VolumePaths[] = []
  for (const name of names) mounts.push(await world.kubelet.addVolume(podUid, name))
  const [first, ...others] = mounts
  const stuck = FuseMount.create(first?.mount ?? '', behind())
  fuse = stuck
  for (const { mount } of others) stuck.bind(mount)
  return { mounts, stuck }
}

/** Lets the next look begin, and lets the calls that do not answer then take `ms`. */
async function lookInto(source: StartedSource, { mount }: VolumePaths, ms: number): Promise<void> {
  const looked = source.seconds(1)
  await eventually(() => expect(source.files.isBusy(mount)).toBe(true))
  await source.filesClock.advance(ms)
  await looked
}

const readingsOf = (source: StartedSource, name: string) =>
  source.all('mounted').flatMap(({ mounted }) => (mounted.volume === name ? [mounted.reading] : []))

describe.skipIf(!canMountFuse)('a file system that does not answer (needs root and /dev/fuse)', () => {
  test('costs the volume on it alone: its name and its trouble are told, and its state once it answers', async () => {
    const healthy = await world.mountedVolume('healthy')
    const { mounts, stuck } = await fuseVolumes('stuck')
    const [volume] = mounts
    if (volume === undefined) throw new Error('there is no volume')
    const source = await world.start()
    expect(readingsOf(source, 'stuck')).toMatchObject([{ svid: { notAfterMs: endMs(60) } }])

    stuck.stop()
    await lookInto(source, volume, 500)
    await world.kubelet.write(healthy, await world.files(90))
    await source.withinASecond(() => {
      expect(readingsOf(source, 'healthy').at(-1)).toMatchObject({ svid: { notAfterMs: endMs(90) } })
    })
    expect(readingsOf(source, 'stuck')).toHaveLength(1)

    await source.filesClock.advance(9_500)
    await source.seconds(40)
    const detail = 'its file system has not answered within 10 s'
    expect(readingsOf(source, 'stuck').slice(1)).toEqual([{ problem: 'no_answer', detail }])
    expect(source.all('rejected')).toMatchObject([{ reason: 'no_answer', where: volume.mount, detail }])
    expect(source.all('trouble')).toEqual([])
    expect([undefined, 1]).toContain(stuck.waiting)

    await world.kubelet.write({ mount: behind() }, await world.files(120))
    stuck.resume()
    await source.withinASecond(() => {
      expect(readingsOf(source, 'stuck').at(-1)).toMatchObject({ svid: { notAfterMs: endMs(120) } })
    })
    expect(readingsOf(source, 'stuck')).toHaveLength(3)
  })

  test('is told in the first look too, which waits for it', async () => {
    await world.mountedVolume('healthy')
    const { mounts, stuck } = await fuseVolumes('stuck')
    stuck.stop()
    const source = world.startLooking()
    await eventually(() => expect(source.files.isBusy(mounts[0]?.mount ?? '')).toBe(true))
    await source.filesClock.advance(10_000)
    await source.seconds(0)
    expect(readingsOf(source, 'stuck')).toMatchObject([{ problem: 'no_answer' }])
    expect(readingsOf(source, 'healthy')).toMatchObject([{ svid: { notAfterMs: endMs(60) } }])
    expect(source.observations.at(-1)).toMatchObject({ kind: 'contact' })
  })

  test('blinds the source where its volumes take all places, until one of them answers', async () => {
    const healthy = await world.mountedVolume('healthy')
    const { mounts, stuck } = await fuseVolumes('first', 'second')
    const [volume] = mounts
    if (volume === undefined) throw new Error('there is no volume')
    const source = await world.start(undefined, 2)
    stuck.stop()
    await lookInto(source, volume, 10_000)
    await source.seconds(3)
    const names = mounts.map(({ mount }) => mount).join(', ')
    expect(source.all('trouble')).toEqual([
      {
        kind: 'trouble',
        source: 'mountedSvids',
        reason: 'timeout',
        detail: `no file can be read, because 2 volumes or files do not answer: ${names}`,
      },
    ])
    await world.kubelet.write(healthy, await world.files(90))
    await source.seconds(3)
    expect(readingsOf(source, 'healthy')).toHaveLength(1)

    stuck.resume()
    await source.withinASecond(() => expect(readingsOf(source, 'second').at(-1)).toHaveProperty('svid'))
    await source.seconds(1)
    expect(readingsOf(source, 'healthy').at(-1)).toMatchObject({ svid: { notAfterMs: endMs(90) } })
    expect(source.observations.at(-1)).toMatchObject({ kind: 'contact' })
  })

  test('is trouble of the source where it has the pods folder, and its pods are seen once it answers', async () => {
    await world.mountedVolume('first')
    const shown = await mkdtemp(join(tmpdir(), 'svidwatch-shown-'))
    onTestFinished(() => rmdir(shown))
    const stuck = FuseMount.create(shown, world.kubelet.root)
    fuse = stuck
    const source = await world.start(shown)
    stuck.stop()
    const looked = source.seconds(1)
    await eventually(() => expect(source.files.isBusy(podsFolder(shown))).toBe(true))
    await source.filesClock.advance(10_000)
    await looked
    await source.seconds(3)
    const detail = `${podsFolder(shown)}: its file system has not answered within 10 s`
    const trouble = { kind: 'trouble', source: 'mountedSvids', reason: 'timeout', detail }
    expect(source.all('trouble')).toEqual([trouble])

    const paths = await world.kubelet.addVolume('another-pod', 'spiffe')
    await world.kubelet.write(paths, await world.files())
    stuck.resume()
    await eventually(() => expect(source.files.isBusy(podsFolder(shown))).toBe(false))
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject({ mounted: { podUid: 'another-pod', reading: { svid: {} } } })
    expect(source.observations.at(-1)).toMatchObject({ kind: 'contact' })
  })

  test('does not keep the source from closing', async () => {
    const { mounts, stuck } = await fuseVolumes('stuck')
    const [volume] = mounts
    if (volume === undefined) throw new Error('there is no volume')
    const source = await world.start()
    stuck.stop()
    void source.seconds(1).catch(() => undefined)
    await eventually(() => expect(source.files.isBusy(volume.mount)).toBe(true))
    await source.close()
    const told = source.observations.length
    await source.filesClock.advance(10_000)
    stuck.resume()
    await eventually(() => expect(source.files.isBusy(volume.mount)).toBe(false))
    expect(source.observations).toHaveLength(told)
  })
})
