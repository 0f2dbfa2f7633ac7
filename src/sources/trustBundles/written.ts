import type { KubernetesObject } from '../kubernetesObject.ts'

/** Returns when an object was written last, by what the API server notes of each writer, ms since the Unix epoch; undefined if it does not. */
export function writtenMs(metadata: KubernetesObject): number | undefined {
  const times = metadata.objects('managedFields').flatMap((entry) => entry.time('time') ?? [])
  return times.length === 0 ? metadata.time('creationTimestamp') : Math.max(...times)
}
