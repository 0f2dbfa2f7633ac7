import { mkdir, mkdtemp, readlink, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spiffeDriver } from '../../src/config/spiffeDriver.ts'
import { dataLink, podsFolder, volumePaths, type VolumePaths } from '../../src/sources/mountedSvids/layout.ts'

/** A kubelet's root folder with volumes as csi-driver-spiffe writes them, in the system's temporary folder. */
export class KubeletFolder {
  readonly root: string
  #writes = 0

  private constructor(root: string) {
    this.root = root
  }

  static async create(): Promise<KubeletFolder> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'svidwatch-kubelet-')))
    await mkdir(podsFolder(root))
    return new KubeletFolder(root)
  }

  /** Creates the folder of a volume with the kubelet's file and an empty `mount`. */
  async addVolume(podUid: string, volume: string, driverName: string = spiffeDriver.name): Promise<VolumePaths> {
    const paths = volumePaths(this.root, podUid, volume)
    await mkdir(paths.mount, { recursive: true })
    await writeFile(
      paths.volumeData,
      JSON.stringify({ driverName, specVolID: volume, volumeLifecycleMode: 'Ephemeral' }),
    )
    return paths
  }

  /** Replaces all files of a volume at once by swapping `..data`. */
  async write({ mount }: Pick<VolumePaths, 'mount'>, files: Readonly<Record<string, string>>): Promise<void> {
    this.#writes += 1
    const stamp = `..2026_01_01_00_00_00.${this.#writes}`
    await mkdir(join(mount, stamp))
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(mount, stamp, name), text)
      await symlink(join(dataLink, name), join(mount, name)).catch(() => undefined)
    }
    const before = await readlink(join(mount, dataLink)).catch(() => undefined)
    await symlink(stamp, join(mount, '..data_tmp'))
    await rename(join(mount, '..data_tmp'), join(mount, dataLink))
    if (before !== undefined) await rm(join(mount, before), { recursive: true })
  }

  async removePod(podUid: string): Promise<void> {
    await rm(join(podsFolder(this.root), podUid), { recursive: true })
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true })
  }
}
