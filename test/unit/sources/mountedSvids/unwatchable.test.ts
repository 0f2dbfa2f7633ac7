import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { endMs, MountedSvidsWorld } from '../../../support/mountedSvidsWorld.ts'

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  watch: () => {
    throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' })
  },
}))

let world: MountedSvidsWorld
beforeEach(async () => {
  world = await MountedSvidsWorld.create()
})
afterEach(() => world.close())

test('where the system has no file watches left, a swap is seen at the look of each second', async () => {
  const paths = await world.mountedVolume()
  const source = await world.start()
  for (const endMinute of [90, 120]) {
    await world.kubelet.write(paths, await world.files(endMinute))
    await source.seconds(1)
    expect(source.last('mounted')).toMatchObject({ mounted: { reading: { svid: { notAfterMs: endMs(endMinute) } } } })
  }
  expect(source.all('trouble')).toEqual([])
})
