import type { Clock } from '../../clock.ts'
import type { FileCalls } from '../../files/fileCalls.ts'
import { LookLoop } from '../certificateFile/lookLoop.ts'
import { loopSource } from '../loopSource.ts'
import type { Source } from '../source.ts'
import { NodeVolumes } from './nodeVolumes.ts'
import type { NodeSpec } from './pod.ts'

export interface MountedSvidsOptions extends NodeSpec {
  readonly clock: Clock
  readonly files: FileCalls
}

/** The kernel's table of mounts. */
const mountinfo = '/proc/self/mountinfo'

/**
 * Returns a source that watches the volumes of SVID drivers of all pods on this node, through the files that the kubelet and the
 * driver write. It opens the certificate and the bundle of a volume, never a private key.
 */
export function createMountedSvids({ clock, files, ...node }: MountedSvidsOptions): Source {
  return loopSource(async (report, signal) => {
    const loop = new LookLoop({ clock, files, source: 'mountedSvids', report })
    const volumes = new NodeVolumes({ node, mountinfo, files, report, onChange: () => loop.requestRead() })
    await loop.run(volumes, signal)
    volumes.close()
  })
}
