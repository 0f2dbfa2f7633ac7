import { readdirSync } from 'node:fs'
import type { Clock } from '../../clock.ts'
import { customResources } from '../../ledger/sight/observations.ts'
import type { WithoutPlaceCount } from '../../ledger/places.ts'
import type { SourceStatus } from '../../ledger/sight/view.ts'
import type { Role } from '../../role.ts'
import type { checkpointMetrics, selfMetrics } from '../catalogue/self.ts'
import { labelText } from '../labelText.ts'
import type { Collector, Collectors } from '../snapshot.ts'

/** The version and the roles of the running process. */
export interface BuildInfo {
  readonly version: string
  readonly nodeVersion: string
  readonly roles: readonly Role[]
}

/** The outcome of commits, read at every scrape. */
export interface CheckpointStatus {
  /** When the totals were last committed, in milliseconds since the Unix epoch; undefined before the first success. */
  readonly lastSuccessMs?: number | undefined
  /** Failed attempts since the process started. */
  readonly failures: number
}

/** What the process exports besides, and of which some may have no place. */
export interface Exported {
  readonly svids: boolean
  readonly authorities: boolean
}

export function selfCollectors(build: BuildInfo, clock: Clock, exported: Exported): Collectors<typeof selfMetrics> {
  const startedMs = clock.now() - process.uptime() * 1000
  return {
    svidwatch_build_info(samples) {
      const values = [build.version, build.nodeVersion, build.roles.join(',')]
      samples.add(labelText(['version', 'node_version', 'roles'], values), 1)
    },
    svidwatch_time_seconds: (samples, { nowMs }) => samples.add('', nowMs / 1000),
    svidwatch_source_up(samples, { ledger }) {
      for (const { source, up, absent } of ledger.sources())
        if (absent === undefined) samples.add(labelText(['source'], [source]), up ? 1 : 0)
    },
    svidwatch_source_absent(samples, { ledger }) {
      for (const { source, absent } of ledger.sources())
        if (source in customResources) samples.add(labelText(['source'], [source]), absent ? 1 : 0)
    },
    svidwatch_source_last_contact_timestamp_seconds(samples, { ledger }) {
      for (const { source, lastContactMs } of ledger.sources())
        if (lastContactMs !== undefined) samples.add(labelText(['source'], [source]), lastContactMs / 1000)
    },
    svidwatch_source_errors_total: byReason(({ troubles }) => troubles),
    svidwatch_rejected_inputs_total: byReason(({ rejections }) => rejections),
    svidwatch_without_place(samples, snapshot) {
      const add = ({ kind, count }: WithoutPlaceCount) => samples.add(labelText(['kind'], [kind]), count)
      for (const one of snapshot.ledger.withoutPlace()) add(one)
      if (exported.svids) add({ kind: 'trust_domain', count: snapshot.surveyed().counted.withoutPlace })
      if (exported.authorities) add({ kind: 'authority', count: snapshot.authorities().withoutPlace })
    },
    // Exported in every role, so without prom-client, which the node role does not load.
    process_cpu_seconds_total(samples) {
      const { user, system } = process.cpuUsage()
      samples.add('', (user + system) / 1e6)
    },
    process_resident_memory_bytes: (samples) => samples.add('', process.memoryUsage.rss()),
    process_start_time_seconds: (samples) => samples.add('', startedMs / 1000),
    process_open_fds(samples) {
      if (process.platform === 'linux') samples.add('', readdirSync('/proc/self/fd').length)
    },
  }
}

export function checkpointCollectors(checkpoint: CheckpointStatus): Collectors<typeof checkpointMetrics> {
  return {
    svidwatch_checkpoint_last_success_timestamp_seconds(samples) {
      if (checkpoint.lastSuccessMs !== undefined) samples.add('', checkpoint.lastSuccessMs / 1000)
    },
    svidwatch_checkpoint_failures_total: (samples) => samples.add('', checkpoint.failures),
  }
}

function byReason(countsOf: (status: SourceStatus) => ReadonlyMap<string, number>): Collector {
  return (samples, { ledger }) => {
    for (const status of ledger.sources())
      for (const [reason, count] of countsOf(status))
        samples.add(labelText(['source', 'reason'], [status.source, reason]), count)
  }
}
