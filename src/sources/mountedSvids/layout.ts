import { join } from 'node:path'

/**
 * Where the kubelet keeps the CSI volumes of pods, and what csi-driver-spiffe writes into them. Files in a volume are symlinks
 * through `..data` to a folder of their own for each write; to swap `..data` is to swap all files at once.
 */
export const dataLink = '..data'

export interface VolumePaths {
  readonly folder: string
  /** What the kubelet knows of the volume, as JSON. */
  readonly volumeData: string
  /** Where the driver mounts the volume. */
  readonly mount: string
}

/** The folder with one folder for each pod, named by the pod's uid. */
export function podsFolder(kubeletRoot: string): string {
  return join(kubeletRoot, 'pods')
}

/** The folder with one folder for each CSI volume of a pod, named by the volume. */
export function csiVolumesFolder(kubeletRoot: string, podUid: string): string {
  return join(podsFolder(kubeletRoot), podUid, 'volumes', 'kubernetes.io~csi')
}

export function volumePaths(kubeletRoot: string, podUid: string, volume: string): VolumePaths {
  const folder = join(csiVolumesFolder(kubeletRoot, podUid), volume)
  return { folder, volumeData: join(folder, 'vol_data.json'), mount: join(folder, 'mount') }
}

/** Names that Kubernetes gives to pods' uids and volumes; no other folder is looked at. */
export function isPodUid(name: string): boolean {
  return /^[A-Za-z0-9-]{1,63}$/.test(name)
}

export function isVolumeName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
}
