import { customResources, type SourceName } from '../../ledger/sight/observations.ts'
import { roleNames } from '../../role.ts'
import type { Catalogue } from './declaration.ts'

const stable = { stability: 'stable', roles: roleNames, since: '0.1.0' } as const
const singleSeries = { ...stable, labels: [], cardinality: 'one' } as const
const forEachSource = { ...stable, labels: ['source'], cardinality: 'one for each source' } as const

/** The health of svidwatch itself, and of its sources. */
export const selfMetrics = {
  svidwatch_build_info: {
    ...stable,
    help: 'Always 1. The labels are the version of svidwatch, the version of Node.js and the roles of the process.',
    type: 'gauge',
    labels: ['version', 'node_version', 'roles'],
    cardinality: 'one',
  },
  svidwatch_time_seconds: {
    ...singleSeries,
    help: 'The time of the clock of svidwatch at the scrape, in seconds since the Unix epoch.',
    type: 'gauge',
    unit: 'seconds',
  },
  svidwatch_source_up: {
    ...forEachSource,
    help: '1 while the source sees the system that it watches, 0 while it does not. With kubernetes.namespaces, 1 while it sees all of them. No series for a source while svidwatch_source_absent is 1. A watch that falls silent is resumed, and only an API server that does not answer then makes this 0, within 4 minutes: the age of the last contact grows meanwhile. nodeFindings and bundleEndpoints stay at 1 if single node roles or endpoints fail: see svidwatch_node_up and spiffe_bundle_up.',
    type: 'gauge',
  },
  svidwatch_source_absent: {
    ...forEachSource,
    roles: ['cluster'],
    sources: Object.keys(customResources) as SourceName[],
    help: '1 while the CRD of the source is not installed and never was, as far as svidwatch remembers, otherwise 0. The source is seen within a minute after its CRD was installed. A CRD that disappears is trouble: svidwatch_source_up is 0.',
    type: 'gauge',
    cardinality: 'one for each source of a custom resource',
  },
  svidwatch_source_last_contact_timestamp_seconds: {
    ...forEachSource,
    help: 'When the source last had evidence that it sees its system, in seconds since the Unix epoch. Evidence is data that has arrived or an answered request, never an open connection. An API server sends some about once a minute even if nothing changes. No series for a source that never had any.',
    type: 'gauge',
    unit: 'seconds',
  },
  svidwatch_source_errors_total: {
    ...stable,
    help: 'Number of times that a source lost sight of its system, by reason. nodeFindings counts each node role that becomes silent or blind.',
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
  svidwatch_without_place: {
    ...stable,
    help: 'Number of things that are left out or counted together because the places for their kind are used up. The places are divided between namespaces, on a node between pods, so that only those that use the most go without.',
    type: 'gauge',
    labels: ['kind'],
    cardinality: 'one for each kind',
  },
  process_cpu_seconds_total: {
    ...singleSeries,
    help: 'Processor time that the process has used in user and system mode, in seconds.',
    type: 'counter',
    unit: 'seconds',
  },
  process_resident_memory_bytes: {
    ...singleSeries,
    help: 'Resident memory of the process, in bytes.',
    type: 'gauge',
    unit: 'bytes',
  },
  process_start_time_seconds: {
    ...singleSeries,
    help: 'When the process started, in seconds since the Unix epoch.',
    type: 'gauge',
    unit: 'seconds',
  },
  process_open_fds: {
    ...singleSeries,
    help: 'Number of open file descriptors of the process. Linux only.',
    type: 'gauge',
  },
} as const satisfies Catalogue

/** Exported if totals are committed. */
export const checkpointMetrics = {
  svidwatch_checkpoint_last_success_timestamp_seconds: {
    ...singleSeries,
    roles: ['cluster'],
    sources: ['certificateRequests'],
    help: 'When the totals were last committed, in seconds since the Unix epoch. No series before the first commit.',
    type: 'gauge',
    unit: 'seconds',
  },
  svidwatch_checkpoint_failures_total: {
    ...singleSeries,
    roles: ['cluster', 'standalone'],
    help: 'Failed attempts to store the totals or other state that must survive a restart.',
    type: 'counter',
  },
} as const satisfies Catalogue

/** The last family, so that a scrape includes its own errors. */
export const collectorMetrics = {
  svidwatch_collector_errors_total: {
    ...stable,
    help: 'Number of scrapes that left out the family because its collector failed, plus number of values left out because they were not finite.',
    type: 'counter',
    labels: ['family'],
    cardinality: 'one for each family',
  },
} as const satisfies Catalogue
