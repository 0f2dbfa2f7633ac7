import type { Catalogue } from './declaration.ts'

const announced = {
  type: 'gauge',
  stability: 'experimental',
  roles: 'none yet',
  since: '0.1.0',
  runbook: true,
} as const

/** Names of the runbook whose systems are not watched yet: declared, so that they can be found, without series. */
export const announcedMetrics = {
  spire_bundle_refresh_timestamp: {
    ...announced,
    help: 'When the trust bundle was last refreshed, in seconds since the Unix epoch (no series yet).',
    labels: ['trust_domain'],
    cardinality: 'one for each trust domain',
  },
  spire_agent_up: {
    ...announced,
    help: '1 while the SVID agent of the node works, 0 while the node should have one and has none that does (no series yet).',
    labels: ['node', 'agent'],
    cardinality: 'one for each node and kind of agent',
  },
  spire_agent_svid_count: {
    ...announced,
    help: 'SVIDs that the agent of the node holds (no series yet).',
    labels: ['node', 'agent'],
    cardinality: 'one for each node and kind of agent',
  },
  spire_agent_cache_hit_ratio: {
    ...announced,
    help: 'Share of requests to the agent that its cache answered, an estimate (no series yet).',
    labels: ['node', 'agent'],
    cardinality: 'one for each node and kind of agent',
    unit: 'ratio',
  },
} as const satisfies Catalogue
