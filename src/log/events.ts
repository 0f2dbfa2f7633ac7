/** The levels of lines, the lowest first. */
export type Level = 'debug' | 'info' | 'warn' | 'error'

interface EventDeclaration {
  /** The level, or the levels that the line can have. */
  readonly level: Level | readonly Level[]
  /** When the line is written. */
  readonly meaning: string
  /** The fields that the line can have, besides `time`, `level`, `event` and `message`. */
  readonly fields: readonly FieldName[]
}

/** Every field of a line, besides `time`, `level` and `message`. Names are contracts. A field whose value is not known is left out. */
export const fields = {
  event: 'what happened',
  result: '`success` or `failure`',
  failure_reason: 'the reason code of a denial or failure, as in [metrics](metrics.md#codes)',
  spiffe_id: 'the SPIFFE ID',
  trust_domain: 'the trust domain',
  workload_uid: 'the uid of the pod',
  agent_id: 'the agent that asked for the SVID: the node and the name of the agent, `node-1/csi-driver-spiffe`',
  attestation_method: 'how the workload was attested: `cert-manager`',
  duration_ms:
    'how long the request took from its creation to its end, in ms; at least 1 s where svidwatch did not see both live',
  expires_at: 'when the SVID expires, in RFC 3339',
  ttl_seconds: 'the lifetime of the SVID, in seconds',
  rotation: '`true` if the workload had an SVID before, `false` if this is its first',
  trace_id:
    'the trace of the rotation ([traces](traces.md)); only where traces are sent and sampling does not leave it out',
  span_id: 'the first span of that trace',
  namespace: 'the namespace of the pod',
  pod: 'the name of the pod',
  request: 'the name of the CertificateRequest',
  issuer: 'the issuer, as in the label `issuer`',
  file: 'the configured certificate file',
  detail: 'what exactly is wrong, often in the words of another system',
  problem: 'the code of the problem',
  severity: 'the severity of the problem: `critical` or `warning`',
  remedy: 'what heals the problem',
  first: 'the workloads whose SVIDs expire first, of an issuer that is down',
  explained_by: 'the code of the problem that explains this one',
  since: 'since when the problem exists, in RFC 3339',
  bundle: 'the trust bundle, as in the label `bundle`',
  reason: 'a reason code',
  source: 'the source, as in the label `source`',
  node: 'the node',
  where: 'the object, file or line that was refused',
  about: 'what the lines that were left out are about',
  count: 'how many lines were left out',
  family: 'the metric',
  path: 'the path of a request or file',
  roles: 'the roles of the process',
  url: 'the URL of /metrics and the API',
  addresses: 'the addresses and ports that /metrics and the API listen on',
  probe_addresses: 'those that the probes listen on',
  signal: 'the signal that ends the process',
} as const

export type FieldName = keyof typeof fields

const outcome = [
  'spiffe_id',
  'trust_domain',
  'namespace',
  'pod',
  'workload_uid',
  'agent_id',
  'issuer',
  'request',
] as const
const ids = ['trace_id', 'span_id'] as const

const subject = ['spiffe_id', 'trust_domain', 'namespace', 'pod', 'node', 'issuer', 'file', 'bundle', 'source'] as const

/** Every event. Codes are contracts. */
export const events = {
  svid_issued: {
    level: ['debug', 'info'],
    meaning:
      'A request for an SVID was issued, or the SVID in a configured file was replaced. `log.issuedLevel` sets the level, and `log.issuedPerSecond` how many of these lines are written.',
    fields: [
      'result',
      ...outcome,
      'file',
      'attestation_method',
      'duration_ms',
      'expires_at',
      'ttl_seconds',
      'rotation',
      ...ids,
    ],
  },
  workload_attestation: {
    level: 'warn',
    meaning: 'A request for an SVID was denied by an approver, or has failed. These lines are never left out.',
    fields: ['result', 'failure_reason', 'detail', ...outcome, 'attestation_method', 'duration_ms', 'rotation', ...ids],
  },
  problem_begun: {
    level: ['debug', 'warn'],
    meaning:
      'A problem ([problems](problems.md)) has begun, or another one no longer explains it. The level is `debug` if another problem explains it, or if it is muted. The lines about each kind of problem are bounded.',
    fields: ['problem', 'severity', 'reason', 'detail', 'first', 'remedy', 'explained_by', 'since', ...subject],
  },
  problem_ended: {
    level: ['debug', 'info'],
    meaning: 'A problem has ended.',
    fields: ['problem', 'severity', 'reason', 'detail', 'first', 'remedy', 'explained_by', 'since', ...subject],
  },
  source_trouble: {
    level: 'warn',
    meaning: 'A source cannot see the system that it watches, or cannot for another reason.',
    fields: ['source', 'reason', 'detail'],
  },
  source_contact: {
    level: 'info',
    meaning: 'A source sees its system for the first time, or again.',
    fields: ['source'],
  },
  source_absent: {
    level: 'info',
    meaning: 'The CRD that a source watches is not installed.',
    fields: ['source', 'detail'],
  },
  node_trouble: {
    level: 'warn',
    meaning: 'The node role of a node is silent or blind, or is for another reason.',
    fields: ['node', 'reason', 'detail'],
  },
  node_contact: { level: 'info', meaning: 'A node role is heard again.', fields: ['node'] },
  node_gone: { level: 'info', meaning: 'A node role is gone with its node.', fields: ['node'] },
  bundle_trouble: {
    level: 'warn',
    meaning: 'A trust bundle cannot be fetched, or cannot for another reason.',
    fields: ['trust_domain', 'reason', 'detail'],
  },
  bundle_contact: { level: 'info', meaning: 'A trust bundle is fetched again.', fields: ['trust_domain'] },
  rejected: {
    level: 'warn',
    meaning: 'An object, file or finding was refused.',
    fields: ['source', 'reason', 'where', 'detail'],
  },
  lines_held_back: {
    level: 'warn',
    meaning: 'No more lines about something are written until the minute is over.',
    fields: ['about'],
  },
  lines_left_out: {
    level: ['info', 'warn'],
    meaning: 'So many lines about something were left out.',
    fields: ['about', 'count'],
  },
  started: {
    level: 'info',
    meaning: 'svidwatch has started.',
    fields: ['roles', 'url', 'addresses', 'probe_addresses'],
  },
  stopping: { level: 'info', meaning: 'svidwatch stops because of a signal.', fields: ['signal'] },
  judging_failed: {
    level: 'error',
    meaning: 'Problems could not be judged, because of a bug. Those of an earlier moment are told.',
    fields: [],
  },
  collector_error: {
    level: 'error',
    meaning: 'A metric was left out of a scrape, because of a bug.',
    fields: ['family'],
  },
  scrape_failed: { level: 'error', meaning: 'A scrape could not be answered.', fields: [] },
  request_failed: {
    level: 'error',
    meaning: 'A request to the API could not be answered, because of a bug.',
    fields: ['path'],
  },
  checkpoint_problem: { level: 'error', meaning: 'What must survive a restart cannot be stored or read.', fields: [] },
  keys_unreadable: {
    level: 'warn',
    meaning: 'A node role cannot read the public keys, so that no client can follow its findings.',
    fields: [],
  },
  findings_not_offered: {
    level: 'warn',
    meaning: 'A node role has no public keys, so that it offers no findings.',
    fields: [],
  },
  traces_trouble: {
    level: 'warn',
    meaning: 'The collector of traces cannot be reached, or refuses spans.',
    fields: ['detail'],
  },
  traces_contact: { level: 'info', meaning: 'The collector of traces takes spans again.', fields: [] },
  traces_misconfigured: {
    level: 'warn',
    meaning: 'A variable for traces has a value that has no meaning.',
    fields: ['detail'],
  },
  traces_headers: {
    level: 'error',
    meaning: 'The file with headers for the collector cannot be read.',
    fields: ['path', 'detail'],
  },
} as const satisfies Readonly<Record<string, EventDeclaration>>

export type EventName = keyof typeof events
