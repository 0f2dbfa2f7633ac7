import type { PodObservation } from '../../ledger/observations.ts'
import { KubernetesObject } from '../kubernetesObject.ts'

/** Keeps what the ledger needs of a Pod (v1); undefined where it mounts no volume of these CSI drivers. */
export function projectPod(raw: unknown, drivers: readonly string[]): PodObservation | undefined {
  const object = new KubernetesObject(raw)
  const metadata = object.object('metadata')
  const volumes = object
    .object('spec')
    .objects('volumes')
    .filter((volume) => drivers.includes(volume.object('csi').text('driver') ?? ''))
  if (volumes.length === 0) return undefined
  const status = object.object('status')
  const phase = status.text('phase')
  const starts = status
    .objects('containerStatuses')
    .map((container) => container.object('state').object('running').time('startedAt'))
    .filter((startMs) => startMs !== undefined)
  return {
    uid: metadata.requiredName('uid'),
    namespace: metadata.requiredName('namespace'),
    name: metadata.requiredName('name'),
    node: object.object('spec').name('nodeName') ?? '',
    ended: phase === 'Succeeded' || phase === 'Failed',
    volumes: volumes.map((volume) => volume.requiredName('name')),
    ...(starts.length > 0 && { lastContainerStartMs: Math.max(...starts) }),
  }
}
