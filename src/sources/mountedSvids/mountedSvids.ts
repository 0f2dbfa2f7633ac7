import type { Clock } from '../../clock.ts'
import { LookLoop } from '../certificateFile/lookLoop.ts'
import { loopSource } from '../loopSource.ts'
import type { Source } from '../source.ts'
import { NodeVolumes } from './nodeVolumes.ts'
import type { NodeSpec } from './pod.ts'

export interface MountedSvidsOptions extends NodeSpec {
  readonly clock: Clock
}

/** The kernel's table of mounts. */
const mountinfo = '/proc/self/mountinfo'

/**
 * Returns a source that watches the volumes of SVID drivers of all pods on this node, through the files that the kubelet and the
 * driver write. It opens the certificate and the bundle of a volume, never a private key.
 */
export function createMountedSvids({ clock, ...node }: MountedSvidsOptions): Source {
  return loopSource(async (report, signal) => {
    const loop = new LookLoop(clock, 'mountedSvids', report)
    const volumes = new NodeVolumes(node, mountinfo, report, () => loop.requestRead())
    await loop.run(volumes, signal)
    volumes.close()
  })
}
