import { hash } from 'node:crypto'
import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { spiffeDriver } from '../config/spiffeDriver.ts'
import { dataLink, volumePaths } from '../sources/mountedSvids/layout.ts'
import type { Workload } from './workload.ts'

/** What a volume of csi-driver-spiffe holds beside the private key, as PEM. */
interface VolumeContent {
  readonly certificatePem: string
  readonly bundlePem: string
}

/**
 * Writes the files as the driver does: into a new folder, onto which `..data` is then swapped, so that readers see all of the
 * old or all of the new. `tls.key` holds no key: nothing may ever open it.
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
  const old = await readlink(join(mount, dataLink)).catch(() => undefined)
  const fresh = freshFolderName(clock)
  await mkdir(join(mount, fresh), { recursive: true })
  if (old === undefined) await writeFile(volumeData, volumeDataOf(workload))
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(mount, fresh, name), content, { mode: 0o440 })
  }
  await symlink(fresh, join(mount, '..data_tmp'))
  await rename(join(mount, '..data_tmp'), join(mount, dataLink))
  if (old !== undefined) return rm(join(mount, old), { recursive: true })
  for (const name of Object.keys(files)) await symlink(join(dataLink, name), join(mount, name))
}

/** `..2026_11_22_07_59_41.2003253234`: the time in UTC, and a number that makes it unique. */
function freshFolderName(clock: Clock): string {
  const time = new Date(clock.now()).toISOString().slice(0, 19).replace(/[-:T]/g, '_')
  return `..${time}.${Math.floor(clock.random() * 1e10)}`
}

/** What the kubelet notes of a CSI volume in vol_data.json. */
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
