import type { StateStore } from '../checkpoint/stateStore.ts'
import type { Clock } from '../clock.ts'
import type { FileCalls } from '../files/fileCalls.ts'
import type { Config } from '../config/config.ts'
import type { Role } from '../role.ts'
import type { KubernetesClient } from '../kubernetes/client.ts'
import type { Log } from '../log/log.ts'
import type { ListenOn } from '../server/listening.ts'
import type { PodRoute } from '../sources/servedSvids/probing.ts'

/** The settings and dependencies of an `App`. */
export interface AppOptions {
  readonly config: Config
  readonly roles: readonly Role[]
  readonly clock: Clock
  /** Runs all calls of this process to file systems. */
  readonly files: FileCalls
  readonly log: Log
  readonly version: string
  /** The client of the API server; undefined if no role needs it. The app closes it. */
  readonly client?: KubernetesClient | undefined
  /** Keeps the totals and everything else that survives a restart; undefined if nothing does. */
  readonly store?: StateStore | undefined
  /** Where to listen if the settings do not say; by default on loopback addresses. */
  readonly address?: ListenOn | undefined
  /** The name of this node, used if the settings do not name it. Only the node role needs it. */
  readonly nodeName?: string | undefined
  /**
   * Where probes of pods connect, for an embedded world, which has no network of pods; by default to the pods' own addresses.
   */
  readonly podRoute?: PodRoute | undefined
  /** The environment variables; those of this process by default. Only the OTEL_ ones have an effect. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}
