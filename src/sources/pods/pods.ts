import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import { reflectedSource } from '../reflectedSource.ts'
import type { Source } from '../source.ts'
import { projectPod } from './projection.ts'

export interface PodsOptions {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
  /** The CSI drivers that mount SVIDs. */
  readonly drivers: readonly string[]
}

/** Watches pods and reports those that mount SVIDs. */
export function createPods({ drivers, ...options }: PodsOptions): Source {
  return reflectedSource({
    ...options,
    source: 'pods',
    path: '/api/v1/pods',
    project: (raw) => projectPod(raw, drivers),
    onObject({ object }, report) {
      if (object !== undefined) report({ kind: 'pod', pod: object })
    },
    onDeleted: (uid, _resourceVersion, report) => report({ kind: 'podDeleted', uid }),
  })
}
