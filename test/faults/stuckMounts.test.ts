import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock as clock } from '../../src/clock.ts'
import type { VolumePaths } from '../../src/sources/mountedSvids/layout.ts'
import { signingKeyFile, TokenSigner } from '../../src/nodeStream/tokens.ts'
import { writeFindingsKeys } from '../../src/world/nodeRoles.ts'
import { readFindings, type FindingsReader } from '../support/findingsReader.ts'
import { canMountFuse, FuseMount } from '../support/fuse/fuseMount.ts'
import { KubeletFolder } from '../support/kubeletFolder.ts'
import { realFiles } from '../support/realFiles.ts'
import { createTestCa, leafUsage, type TestCa } from '../support/testCa.ts'
import { ServedProgram } from './servedProgram.ts'

const nodeName = 'node-1'
const minuteMs = 60_000
/** A volume is stuck after 10 s. */
const patience = { timeout: 25_000, interval: 50 }

let ca: TestCa
let kubelet: KubeletFolder
let fuse: FuseMount
let program: ServedProgram | undefined

/** The folder behind the file system that gets stuck. */
const behind = () => join(kubelet.root, 'behind')
const shown = () => join(kubelet.root, 'shown')

beforeEach(async () => {
  if (!canMountFuse) return
  ca = await createTestCa()
  kubelet = await KubeletFolder.create()
  await mkdir(behind())
  await mkdir(shown())
  fuse = FuseMount.create(shown(), behind())
})
afterEach(async () => {
  if (!canMountFuse) return
  await program?.kill()
  program = undefined
  await fuse.close()
  await kubelet.remove()
})

/** Writes a new SVID; resolves with its end, ms since the Unix epoch. */
async function renew(mount: string, minutes: number): Promise<number> {
  const nowMs = Math.floor(clock.now() / 1000) * 1000
  const notAfterMs = nowMs + minutes * minuteMs
  const period = { notBefore: new Date(nowMs), notAfter: new Date(notAfterMs) }
  const { certificatePem } = await ca.issue({
    uris: ['spiffe://example.org/ns/team-a/sa/web'],
    ...period,
    usage: leafUsage,
  })
  await kubelet.write({ mount }, { 'tls.crt': certificatePem, 'tls.key': 'no key', 'ca.crt': ca.certificatePem })
  return notAfterMs
}

/** The volume of a pod on the file system that gets stuck. */
async function fuseVolume(pod: string): Promise<VolumePaths> {
  const paths = await kubelet.addVolume(pod, 'spiffe')
  fuse.bind(paths.mount)
  return paths
}

async function healthyVolume(pod: string): Promise<VolumePaths> {
  const paths = await kubelet.addVolume(pod, 'spiffe')
  await renew(paths.mount, 60)
  return paths
}

/** A node role, and the line about each pod that a client was told last. */
class FollowedNodeRole {
  readonly program: ServedProgram
  readonly #signer: TokenSigner
  #reader: FindingsReader | undefined

  constructor(running: ServedProgram, signingKey: string) {
    this.program = running
    this.#signer = new TokenSigner(signingKeyFile(signingKey, realFiles), clock)
  }

  static async start(isFirst = false): Promise<FollowedNodeRole> {
    const { signingKey, publicKeys } = await writeFindingsKeys(kubelet.root)
    const settings = { mountedSvids: { kubeletRoot: kubelet.root }, nodeFindings: { publicKeys, nodeName } }
    program = await ServedProgram.start({ role: 'node', settings, folder: kubelet.root, isFirst })
    const nodeRole = new FollowedNodeRole(program, signingKey)
    await vi.waitFor(async () => expect(await nodeRole.program.readiness()).toBe(200), patience)
    await nodeRole.follow()
    return nodeRole
  }

  async follow(): Promise<void> {
    this.#reader = await readFindings(this.program.url, await this.#signer.tokenFor(nodeName))
    expect(this.#reader.response.statusCode).toBe(200)
  }

  get lines() {
    return this.#reader?.lines.filter((line) => 'type' in line) ?? []
  }

  /** What was told last of the volume of a pod. */
  reading(pod: string) {
    const line = this.lines.findLast((one) => one.type === 'mounted' && one.mounted.podUid === pod)
    return line?.type === 'mounted' ? line.mounted.reading : undefined
  }

  sight() {
    return this.lines.findLast(({ type }) => type === 'sighted' || type === 'blind')
  }
}

const podsNamed = (count: number) => Array.from({ length: count }, (_, index) => `stuck-${index}`)
const ended = (notAfterMs: number) => ({ svid: { notAfterMs } })

describe.skipIf(!canMountFuse)('mounts that do not answer (needs root and /dev/fuse)', () => {
  test('cost a node role nothing but themselves: five of them', async () => {
    const pods = podsNamed(5)
    await renew(behind(), 60)
    for (const pod of pods) await fuseVolume(pod)
    const healthy = await healthyVolume('healthy')
    const nodeRole = await FollowedNodeRole.start()
    await vi.waitFor(() => expect(nodeRole.reading('stuck-4')).toHaveProperty('svid'), patience)

    fuse.stop()
    await vi.waitFor(() => {
      for (const pod of pods) expect(nodeRole.reading(pod)).toMatchObject({ problem: 'no_answer' })
    }, patience)
    const lateMs: number[] = []
    for (let minutes = 61; minutes < 81; minutes += 1) {
      const notAfterMs = await renew(healthy.mount, minutes)
      const sinceMs = clock.monotonicMs()
      await vi.waitFor(() => expect(nodeRole.reading('healthy')).toMatchObject(ended(notAfterMs)), {
        timeout: 5_000,
        interval: 5,
      })
      lateMs.push(clock.monotonicMs() - sinceMs)
    }
    expect(Math.max(...lateMs)).toBeLessThan(1_000)
    await healthyVolume('new')
    await vi.waitFor(() => expect(nodeRole.reading('new')).toHaveProperty('svid'), patience)
    expect(await nodeRole.program.metrics()).toMatch(/^svidwatch_source_up\{source="mountedSvids"\} 1$/m)
    await nodeRole.follow()
    await vi.waitFor(() => expect(nodeRole.reading('stuck-0')).toMatchObject({ problem: 'no_answer' }), patience)
    expect(nodeRole.sight()).toEqual({ type: 'sighted' })

    const notAfterMs = await renew(behind(), 90)
    fuse.resume()
    await vi.waitFor(() => {
      for (const pod of pods) expect(nodeRole.reading(pod)).toMatchObject(ended(notAfterMs))
    }, patience)
  })

  test('blind a node role when there are 32 of them, and it says so until they answer', async () => {
    const pods = podsNamed(40)
    await renew(behind(), 60)
    for (const pod of pods) await fuseVolume(pod)
    await healthyVolume('healthy')
    const nodeRole = await FollowedNodeRole.start()
    await vi.waitFor(() => expect(nodeRole.reading('stuck-39')).toHaveProperty('svid'), patience)

    fuse.stop()
    await vi.waitFor(
      () =>
        expect(nodeRole.sight()).toEqual({
          type: 'blind',
          reason: 'timeout',
          detail: expect.stringMatching(
            /^no file can be read, because 32 volumes or files do not answer: .*\/mount, .*\/mount, .*\/mount and 29 more$/,
          ) as string,
        }),
      patience,
    )
    expect(await nodeRole.program.metrics()).toMatch(/^svidwatch_source_up\{source="mountedSvids"\} 0$/m)
    expect(await nodeRole.program.readiness()).toBe(200)

    const notAfterMs = await renew(behind(), 90)
    fuse.resume()
    await vi.waitFor(() => {
      expect(nodeRole.sight()).toEqual({ type: 'sighted' })
      for (const pod of pods) expect(nodeRole.reading(pod)).toMatchObject(ended(notAfterMs))
    }, patience)
    expect(await nodeRole.program.metrics()).toMatch(/^svidwatch_source_up\{source="mountedSvids"\} 1$/m)
  })

  test.each([
    ['a process', false],
    ['the first process of a container', true],
  ])('do not keep %s from ending within 5 s, whenever they got stuck', async (_what, isFirst) => {
    await renew(behind(), 60)
    for (const pod of podsNamed(40)) await fuseVolume(pod)
    for (const isLate of [false, true]) {
      const nodeRole = await FollowedNodeRole.start(isFirst)
      fuse.stop()
      await clock.sleep(1_500)
      if (isLate) await vi.waitFor(() => expect(nodeRole.sight()).toMatchObject({ type: 'blind' }), patience)
      expect(await nodeRole.program.stop()).toBeLessThan(5_000)
      fuse.resume()
    }
  })

  test('cost a standalone role nothing but themselves: a certificate and the state file', async () => {
    await renew(behind(), 60)
    const healthy = join(kubelet.root, 'healthy')
    await mkdir(healthy)
    await renew(healthy, 60)
    const [onFuse, elsewhere] = [shown(), healthy].map((folder) => join(folder, 'tls.crt'))
    const settings = {
      files: [{ certificate: onFuse }, { certificate: elsewhere }],
      checkpoint: { file: join(shown(), 'state.json'), interval: '1s' },
    }
    program = await ServedProgram.start({ role: 'standalone', settings, folder: kubelet.root })
    const running = program
    await vi.waitFor(async () => expect(await running.readiness()).toBe(200), patience)

    fuse.stop()
    await vi.waitFor(async () => {
      const metrics = await running.metrics()
      expect(metrics).toMatch(
        new RegExp(`^spiffe_svid_unreadable\\{.*file="${onFuse}".*reason="no_answer".*\\} 1$`, 'm'),
      )
      expect(metrics).toMatch(/^svidwatch_source_up\{source="files"\} 1$/m)
    }, patience)
    const notAfterMs = await renew(healthy, 90)
    await vi.waitFor(
      async () =>
        expect(await running.metrics()).toMatch(new RegExp(`file="${elsewhere}".* ${notAfterMs / 1000}$`, 'm')),
      patience,
    )
    expect(await running.stop()).toBeLessThan(5_000)
    fuse.resume()
  })
})
