import type { Clock } from '../../clock.ts'
import type { ServedResources } from './resources.ts'
import type { Right } from './rights.ts'
import type { ObjectStore } from './store.ts'

/** The data from which requests are served. */
export interface Backend {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly resources: ServedResources
  readonly token: string
  /** Whether it has streaming lists. */
  readonly streamsLists: boolean
  /** The rights of the token; undefined: it may do everything. */
  readonly rights?: readonly Right[] | undefined
  /** Called for each request that has the token. */
  readonly onRequest?: ((method: string, url: string) => void) | undefined
}
