import { roleNames } from '../../role.ts'
import type { Catalogue } from './declaration.ts'

const stable = { stability: 'stable', roles: roleNames, since: '0.1.0' } as const
const once = { ...stable, labels: [], cardinality: 'one' } as const
const forEachSource = { ...stable, labels: ['source'], cardinality: 'one for each source' } as const

/** How svidwatch itself is, and what it can see. */
export const selfMetrics = {
  svidwatch_build_info: {
    ...stable,
    help: 'Always 1; the labels say what runs.',
    type: 'gauge',
    labels: ['version', 'node_version', 'roles'],
    cardinality: 'one',
  },
  svidwatch_time_seconds: {
    ...once,
    help: 'The clock of svidwatch as of the scrape, in seconds since the Unix epoch.',
    type: 'gauge',
    unit: 'seconds',
  },
  svidwatch_source_up: {
    ...forEachSource,
    help: '1 while the source sees the system that it watches, 0 while svidwatch is blind there. nodeFindings and bundleEndpoints are up even if single ones fail: see svidwatch_node_up and spiffe_bundle_up.',
    type: 'gauge',
  },
  svidwatch_source_last_contact_timestamp_seconds: {
    ...forEachSource,
    help: 'When evidence of its system last came to the source, in seconds since the Unix epoch. An API server sends some about once a minute even if nothing changes. A source that never had any has no series.',
    type: 'gauge',
    unit: 'seconds',
  },
  svidwatch_source_errors_total: {
    ...stable,
    help: 'How often a source lost sight of its system, by reason. nodeFindings counts each node role that falls silent or goes blind.',
    type: 'counter',
    labels: ['source', 'reason'],
    cardinality: 'one for each source and reason',
  },
  svidwatch_rejected_inputs_total: {
    ...stable,
    help: 'Objects, files and findings that were refused, by reason.',
    type: 'counter',
    labels: ['source', 'reason'],
    cardinality: 'one for each source and reason',
  },
  process_cpu_seconds_total: {
    ...once,
    help: 'Seconds of processor time that the process has used, in user and system mode.',
    type: 'counter',
    unit: 'seconds',
  },
  process_resident_memory_bytes: {
    ...once,
    help: 'Memory of the process that is in RAM, in bytes.',
    type: 'gauge',
    unit: 'bytes',
  },
  process_start_time_seconds: {
    ...once,
    help: 'When the process started, in seconds since the Unix epoch.',
    type: 'gauge',
    unit: 'seconds',
  },
  process_open_fds: {
    ...once,
    help: 'File descriptors that the process has open. Linux only.',
    type: 'gauge',
  },
} as const satisfies Catalogue

/** Exported where totals are committed. */
export const checkpointMetrics = {
  svidwatch_checkpoint_last_success_timestamp_seconds: {
    ...once,
    roles: ['cluster'],
    help: 'When the totals were last committed, in seconds since the Unix epoch. No series before the first time.',
    type: 'gauge',
    unit: 'seconds',
  },
  svidwatch_checkpoint_failures_total: {
    ...once,
    roles: ['cluster', 'standalone'],
    help: 'Attempts to commit the totals, or to keep what else must outlive a restart, that failed.',
    type: 'counter',
  },
} as const satisfies Catalogue

/** Written last, so that a scrape counts its own errors. */
export const collectorMetrics = {
  svidwatch_collector_errors_total: {
    ...stable,
    help: 'Scrapes that left out a whole family because its collector failed, and values left out because they were no finite numbers.',
    type: 'counter',
    labels: ['family'],
    cardinality: 'one for each family',
  },
} as const satisfies Catalogue
