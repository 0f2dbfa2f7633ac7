import type { StateStore } from '../checkpoint/stateStore.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { Role } from '../role.ts'
import type { KubernetesClient } from '../kubernetes/client.ts'
import type { Log } from '../log/log.ts'

/** What svidwatch is put together from. */
export interface AppOptions {
  readonly config: Config
  readonly roles: readonly Role[]
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  /** The API server's client; undefined where no role needs one. It is closed with the app. */
  readonly client?: KubernetesClient | undefined
  /** Where the totals, and what else outlives a restart, are kept; undefined: nowhere. */
  readonly store?: StateStore | undefined
  /** The node that it runs on, where the settings do not say it; asked for by the node role only. */
  readonly nodeName?: string | undefined
}
