import type { Clock } from '../../clock.ts'
import { LookLoop } from '../certificateFile/lookLoop.ts'
import { loopSource } from '../certificateFile/loopSource.ts'
import type { Source } from '../source.ts'
import { defaultBundleFile, defaultCertificateFile, spiffeDriver } from './layout.ts'
import { NodeVolumes } from './nodeVolumes.ts'

export interface MountedSvidsOptions {
  readonly clock: Clock
  /** The kubelet's root folder. */
  readonly kubeletRoot?: string
  /** The CSI drivers whose volumes hold SVIDs. */
  readonly drivers?: readonly string[]
  /** How the files in a volume are called. */
  readonly certificateFile?: string
  readonly bundleFile?: string
  /** Where the kernel tells what is mounted. */
  readonly mountinfo?: string
}

/**
 * Watches the volumes of SVID drivers of all pods on this node, through the files that the kubelet and the driver leave there.
 * Of a volume it opens the certificate and the bundle, never a private key.
 */
export function createMountedSvids({
  clock,
  kubeletRoot = '/var/lib/kubelet',
  drivers = [spiffeDriver],
  certificateFile = defaultCertificateFile,
  bundleFile = defaultBundleFile,
  mountinfo = '/proc/self/mountinfo',
}: MountedSvidsOptions): Source {
  const node = { kubeletRoot, drivers, certificateFile, bundleFile }
  return loopSource(async (report, signal) => {
    const loop = new LookLoop(clock, 'mountedSvids', report)
    const volumes = new NodeVolumes(node, mountinfo, report, () => loop.ring())
    await loop.run(volumes, signal)
    volumes.close()
  })
}
