import type { PodObservation, SvidVolume } from '../../ledger/workloads/observations.ts'
import type { KubernetesObject } from '../kubernetesObject.ts'
import { intern, internList } from '../sharedStrings.ts'

/** A CSI volume of a pod. */
export interface CsiVolume {
  readonly volume: KubernetesObject
  readonly driver: string
}

/** A volume that a container mounts. */
interface VolumeMount {
  readonly volume: string
  readonly bySubPath: boolean
}

/** The fields of a pod's spec that list containers, and the fields of its status that list their states. */
const containerFields = [
  ['containers', 'containerStatuses'],
  ['initContainers', 'initContainerStatuses'],
  ['ephemeralContainers', 'ephemeralContainerStatuses'],
] as const

/** Most pods have no volume for an SVID. They share this list. */
const noVolumes: readonly SvidVolume[] = []

/** Returns the volumes of a pod that are mounted by the drivers of SVIDs. */
export function svidVolumesOf(volumes: readonly CsiVolume[], spec: KubernetesObject): readonly SvidVolume[] {
  if (volumes.length === 0) return noVolumes
  const bySubPath = new Set<string>()
  for (const [field] of containerFields)
    for (const container of spec.objects(field))
      for (const mount of mountsOf(container)) if (mount.bySubPath) bySubPath.add(mount.volume)
  return internList(
    volumes.map(({ volume, driver }): SvidVolume => {
      const name = volume.requiredObjectName('name')
      return { name, driver: intern(driver), ...(bySubPath.has(name) && { bySubPath: true }) }
    }),
  )
}

/**
 * Returns what is kept only of a pod with volumes for SVIDs: since when running containers mount each of them, and the service
 * account. Returns nothing for other pods, which need no memory for it.
 */
export function svidFieldsOf(
  volumes: readonly SvidVolume[],
  spec: KubernetesObject,
  status: KubernetesObject,
): Pick<PodObservation, 'mountedSinceMs' | 'serviceAccount'> {
  if (volumes.length === 0) return {}
  const starts = firstStarts(spec, status)
  const [first, ...others] = volumes.map(({ name }) => starts.get(name))
  return {
    mountedSinceMs: others.every((startMs) => startMs === first) ? first : [first, ...others],
    serviceAccount: intern(spec.objectName('serviceAccountName') ?? ''),
  }
}

/** Returns when the oldest running container that mounts a volume started, by the name of the volume. */
function firstStarts(spec: KubernetesObject, status: KubernetesObject): ReadonlyMap<string, number> {
  const starts = new Map<string, number>()
  for (const [containers, statuses] of containerFields) {
    const startMs = new Map(status.objects(statuses).map((one) => [one.text('name'), startMsOf(one)]))
    for (const container of spec.objects(containers)) {
      const startedMs = startMs.get(container.text('name'))
      if (startedMs === undefined) continue
      for (const { volume } of mountsOf(container))
        starts.set(volume, Math.min(startedMs, starts.get(volume) ?? Infinity))
    }
  }
  return starts
}

/** Returns when a container started that runs, from its status; undefined if it does not run. */
export const startMsOf = (status: KubernetesObject): number | undefined =>
  status.object('state').object('running').time('startedAt')

const mountsOf = (container: KubernetesObject): readonly VolumeMount[] =>
  container.objects('volumeMounts').map((mount) => ({
    volume: mount.text('name') ?? '',
    bySubPath: [mount.text('subPath'), mount.text('subPathExpr')].some(Boolean),
  }))
