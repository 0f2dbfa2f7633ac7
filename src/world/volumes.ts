import { hash, randomInt } from 'node:crypto'
import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { spiffeDriver } from '../config/spiffeDriver.ts'
import { dataLink, volumePaths } from '../sources/mountedSvids/layout.ts'
import type { Workload } from './workload.ts'

/** The files of a csi-driver-spiffe volume other than the private key, as PEM. */
interface VolumeContent {
  readonly certificatePem: string
  readonly bundlePem: string
}

/**
 * Writes the files as the driver does: into a new folder, to which the link `..data` is then switched, so that readers see either
 * all old or all new files. `tls.key` contains no key, because svidwatch must never open it.
 */
export async function writeVolume(
  kubeletRoot: string,
  workload: Workload,
  { certificatePem, bundlePem }: VolumeContent,
  clock: Clock,
): Promise<void> {
  const { mount, volumeData } = volumePaths(kubeletRoot, workload.podUid, workload.volume)
  const files = {
    [spiffeDriver.bundleFile]: bundlePem,
    [spiffeDriver.certificateFile]: certificatePem,
    'tls.key': 'not a key\n',
  }
  const oldFolder = await readlink(join(mount, dataLink)).catch(() => undefined)
  const newFolder = newFolderName(clock)
  await mkdir(join(mount, newFolder), { recursive: true })
  if (oldFolder === undefined) await writeFile(volumeData, volumeDataOf(workload))
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(mount, newFolder, name), content, { mode: 0o440 })
  }
  await symlink(newFolder, join(mount, '..data_tmp'))
  await rename(join(mount, '..data_tmp'), join(mount, dataLink))
  if (oldFolder !== undefined) return rm(join(mount, oldFolder), { recursive: true })
  for (const name of Object.keys(files)) await symlink(join(dataLink, name), join(mount, name))
}

/** Returns a name like `..2026_11_22_07_59_41.2003253234`: the time in UTC and a number that makes it unique. */
function newFolderName(clock: Clock): string {
  const time = new Date(clock.now()).toISOString().slice(0, 19).replace(/[-:T]/g, '_')
  return `..${time}.${randomInt(1e10)}`
}

/** Returns the content of vol_data.json, which the kubelet writes for a CSI volume. */
function volumeDataOf({ podUid, node, volume }: Workload): string {
  const volumeHandle = `csi-${hash('sha256', podUid + volume)}`
  const data = {
    attachmentID: `csi-${hash('sha256', volumeHandle + spiffeDriver.name + node.name)}`,
    driverName: spiffeDriver.name,
    nodeName: node.name,
    specVolID: volume,
    volumeHandle,
    volumeLifecycleMode: 'Ephemeral',
  }
  return `${JSON.stringify(data)}\n`
}
