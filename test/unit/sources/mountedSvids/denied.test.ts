import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../../src/clock.ts'
import { csiVolumesFolder, podsFolder } from '../../../../src/sources/mountedSvids/layout.ts'
import { eventually } from '../../../support/eventually.ts'
import { KubeletFolder } from '../../../support/kubeletFolder.ts'
import { values } from '../../../support/runningApp.ts'
import { spawnProgram, temporaryFolder, type SpawnOptions } from '../../../support/spawnedProgram.ts'

/** The user that the image runs as by default. Root is not stopped by permissions, so the program runs as another user then. */
const uid = getuid?.() === 0 ? 65_532 : getuid?.()
const podUids = ['pod-1', 'pod-2', 'pod-3']

let kubelet: KubeletFolder
let pods: string
beforeEach(async () => {
  kubelet = await KubeletFolder.create()
  pods = podsFolder(kubelet.root)
  await chmod(kubelet.root, 0o755)
  for (const podUid of podUids) await kubelet.addVolume(podUid, 'spiffe')
})
afterEach(async () => {
  for (const folder of [pods, ...podUids.map((podUid) => join(pods, podUid))]) await chmod(folder, 0o755)
  await kubelet.remove()
})

/** Starts a node role that is no root, or is allowed only what the flags say. */
async function startNodeRole(options: Partial<SpawnOptions> = {}) {
  const user = getuid?.() === 0 && uid !== undefined ? { uid } : {}
  const settings = { mountedSvids: { kubeletRoot: kubelet.root } }
  const program = await spawnProgram({ role: 'node', settings, ...user, ...options })
  const about = (event: string) => program.lines().filter((line) => line.event === event)
  const metric = async (name: string, ...labels: string[]) =>
    values(await program.metrics(), name, 'source="mountedSvids"', ...labels)
  return { ...program, about, metric, troubles: () => about('source_trouble').map(({ message }) => message) }
}

test('a node role that may not read the pods folder says so in one line and in one metric', async () => {
  await chmod(pods, 0)
  const { troubles, metric, lines } = await startNodeRole()
  await eventually(async () => expect(await metric('svidwatch_source_up')).toEqual([0]))
  const remedy = 'run the node role as uid 0, which needs no capabilities'
  const message = `mountedSvids: uid ${uid} may not read ${pods} (EACCES: permission denied): ${remedy}`
  expect(troubles()).toEqual([message])
  expect(lines().filter(({ level }) => level === 'warn' || level === 'error')).toMatchObject([
    { event: 'findings_not_offered' },
    { message },
  ])
  expect(await metric('svidwatch_source_errors_total', 'reason="unreadable"')).toEqual([1])
})

test('a node role that may not read the folder of any pod says so once, not for each pod', async () => {
  for (const podUid of podUids) await chmod(join(pods, podUid), 0)
  const { troubles, metric, about } = await startNodeRole()
  await eventually(async () => expect(await metric('svidwatch_source_up')).toEqual([0]))
  const what = `the folder of any pod in ${pods} (EACCES: permission denied)`
  const remedy = 'run the node role as uid 0, which needs no capabilities'
  expect(troubles()).toEqual([`mountedSvids: uid ${uid} may not read ${what}: ${remedy}`])

  const refusals = () => about('rejected').flatMap(({ message }) => (message.includes('may not read') ? [message] : []))
  const refusal = (podUid: string, count: number) => {
    const some = `the folders of ${count} of 3 pods, such as this one (EACCES: permission denied)`
    return `${csiVolumesFolder(kubelet.root, podUid)}: uid ${uid} may not read ${some}: ${remedy}`
  }
  await chmod(join(pods, 'pod-3'), 0o755)
  await eventually(async () => expect(await metric('svidwatch_source_up')).toEqual([1]))
  await eventually(() => expect(refusals()).toEqual([refusal('pod-1', 2)]))
  await chmod(join(pods, 'pod-1'), 0o755)
  await chmod(join(pods, 'pod-2'), 0o755)
  // Looks are a second apart, so the one that ends later than that began after the change.
  const seenS = systemClock.now() / 1000 + 1
  await eventually(async () => {
    const [contact] = await metric('svidwatch_source_last_contact_timestamp_seconds')
    expect(contact).toBeGreaterThan(seenS)
  })
  await chmod(join(pods, 'pod-3'), 0)
  await eventually(() => expect(refusals()).toEqual([refusal('pod-1', 2), refusal('pod-3', 1)]))
  expect(troubles()).toHaveLength(1)
  expect(await metric('svidwatch_rejected_inputs_total', 'reason="unreadable"')).toEqual([2])
})

test("a node role that Node's permission model does not let read the pods folder says which flag is missing", async () => {
  const folder = await temporaryFolder()
  const root = join(import.meta.dirname, '../../../..')
  const flags = ['--permission', ...[root, folder].map((path) => `--allow-fs-read=${path}/`)]
  const { troubles } = await startNodeRole({ folder, flags })
  await eventually(() =>
    expect(troubles()).toEqual([
      `mountedSvids: Node's permission model does not let svidwatch read ${pods}: start it with --allow-fs-read=${pods}/`,
    ]),
  )
})
