import { join } from 'node:path'

/**
 * The link through which csi-driver-spiffe replaces all files of a volume at once. Each write goes into a new folder; `..data`
 * is then made to point there, and the files in the volume are symlinks through `..data`.
 */
export const dataLink = '..data'

/** The paths of one CSI volume in the kubelet's root folder. */
export interface VolumePaths {
  readonly folder: string
  /** The kubelet's record of the volume, in JSON. */
  readonly volumeData: string
  /** Where the driver mounts the volume. */
  readonly mount: string
}

/** Returns the folder that has a folder for each pod, named by the pod's uid. */
export function podsFolder(kubeletRoot: string): string {
  return join(kubeletRoot, 'pods')
}

/** Returns the folder that has a folder for each CSI volume of a pod, named by the volume. */
export function csiVolumesFolder(kubeletRoot: string, podUid: string): string {
  return join(podsFolder(kubeletRoot), podUid, 'volumes', 'kubernetes.io~csi')
}

export function volumePaths(kubeletRoot: string, podUid: string, volume: string): VolumePaths {
  const folder = join(csiVolumesFolder(kubeletRoot, podUid), volume)
  return { folder, volumeData: join(folder, 'vol_data.json'), mount: join(folder, 'mount') }
}

/** Reports whether a folder's name can be the uid of a pod. */
export function isPodUid(name: string): boolean {
  return /^[A-Za-z0-9-]{1,63}$/.test(name)
}

/** Reports whether a folder's name can be that of a volume. */
export function isVolumeName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
}
