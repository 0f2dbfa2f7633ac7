import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { getuid, platform } from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endMs, MountedSvidsWorld, podUid } from '../../../support/mountedSvidsWorld.ts'

let world: MountedSvidsWorld
let mounted: string[] = []
beforeEach(async () => {
  world = await MountedSvidsWorld.create()
})
afterEach(async () => {
  for (const folder of mounted.splice(0).reverse()) execFileSync('umount', ['--lazy', folder])
  await world.close()
})

/** Mounts a new, empty tmpfs: each has a device number of its own, as after a restart of the driver. */
function mountTmpfs(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
  mounted.push(folder)
}

function unmount(folder: string): void {
  execFileSync('umount', [folder])
  mounted = mounted.filter((other) => other !== folder)
}

const ending = (endMinute: number) => ({ mounted: { reading: { svid: { notAfterMs: endMs(endMinute) } } } })

test.skipIf(platform !== 'linux' || getuid?.() !== 0)(
  'real mounts (needs root on Linux): what is mounted, swapped, mounted over and unmounted is seen',
  async () => {
    const paths = await world.kubelet.addVolume(podUid, 'spiffe')
    const source = await world.start()
    expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'missing' } } })

    const driver = join(world.kubelet.root, 'driver')
    await mkdir(driver)
    mountTmpfs(driver)
    await world.kubelet.write({ mount: driver }, await world.files())
    execFileSync('mount', ['--bind', '-o', 'ro', driver, paths.mount])
    mounted.push(paths.mount)
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject(ending(60))

    await world.kubelet.write({ mount: driver }, await world.files(90))
    await source.withinASecond(() => expect(source.last('mounted')).toMatchObject(ending(90)))

    unmount(paths.mount)
    await source.seconds(1)
    // The folder that is seen now is the host's own, which was born before.
    expect(source.last('mounted')).toMatchObject({
      mounted: { reading: { problem: 'unmounted' }, mountBirthMs: 0 },
    })

    mountTmpfs(paths.mount)
    await world.kubelet.write(paths, await world.files(120))
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject(ending(120))
    expect(source.all('unmounted')).toEqual([])
    unmount(paths.mount)
  },
)

test.skipIf(platform !== 'linux' || getuid?.() !== 0)(
  'real mounts (needs root on Linux): a mount that was gone before the first look is told as not mounted, until it is back',
  async () => {
    const paths = await world.kubelet.addVolume(podUid, 'spiffe')
    mountTmpfs(paths.mount)
    await world.kubelet.write(paths, await world.files())
    unmount(paths.mount)
    const source = await world.start()
    await source.seconds(9)
    expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'unmounted' }, mountBirthMs: 0 } })
    expect(source.all('rejected')).toMatchObject([{ reason: 'unmounted', where: join(paths.mount, 'tls.crt') }])

    mountTmpfs(paths.mount)
    await world.kubelet.write(paths, await world.files(90))
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject(ending(90))
    unmount(paths.mount)
  },
)

test.skipIf(platform !== 'linux' || getuid?.() !== 0)(
  'real mounts (needs root on Linux): a new mount may be without files for some seconds, a filled one may not be emptied',
  async () => {
    const paths = await world.kubelet.addVolume(podUid, 'spiffe')
    mountTmpfs(paths.mount)
    const source = await world.start()
    await source.seconds(8)
    expect(source.all('mounted')).toMatchObject([{ mounted: { reading: { problem: 'missing' } } }])
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'empty_volume' } } })
    expect(source.all('rejected')).toMatchObject([{ reason: 'empty_volume', where: join(paths.mount, 'tls.crt') }])

    await world.kubelet.write(paths, await world.files())
    await source.withinASecond(() => expect(source.last('mounted')).toMatchObject(ending(60)))
    execFileSync('find', [paths.mount, '-mindepth', '1', '-delete'])
    await source.withinASecond(() => {
      expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'empty_volume' } } })
    })
  },
)
