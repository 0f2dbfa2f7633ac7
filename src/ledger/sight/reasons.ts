import { readProblems } from '../workloads/reasons.ts'

/** Why a source cannot see its system. */
export const troubleReasons = {
  unreachable: 'no connection, or the connection broke',
  timeout: 'no answer in time',
  unauthorized: 'the credentials are not accepted (HTTP 401)',
  forbidden:
    'a right is missing (HTTP 403). API servers also answer this for a custom resource that is not installed to those who may not list it',
  not_found:
    'the API server does not have the resource (HTTP 404): its CRD is gone, the API server is too old, or a proxy answers in its place. For nodeFindings also: the Secret or ConfigMap of its settings does not exist. A CRD that was never installed is no trouble: see svidwatch_source_absent',
  expired: 'the history to resume from is gone (HTTP 410), so objects are listed again',
  throttled: 'the API server asks to wait (HTTP 429)',
  server_error: 'the API server failed (HTTP 5xx)',
  protocol: 'the answer is not as the API documents it',
  configuration: 'the credentials, the address or the keys cannot be used',
  unreadable: 'the folder or file cannot be read',
  newer_state: 'the stored state is that of a newer svidwatch, which this one must neither misread nor overwrite',
  no_endpoint: 'no node role offers findings for the node any more',
  internal: 'a fault in svidwatch itself',
} as const

export type TroubleReason = keyof typeof troubleReasons

/** Why one input was refused, without effect on others: what is wrong with it, or why its certificate is not an SVID. */
export const rejectionReasons = {
  ...readProblems,
  malformed_object: 'a Kubernetes object in which required fields are missing or have the wrong type',
  oversized_object: 'a Kubernetes object whose JSON is longer than 4 MiB; what was known of it stays',
  malformed_volume_data: 'vol_data.json is not the JSON that the kubelet writes',
  invalid_issuer_name:
    'a CertificateRequest names an issuer as no Kubernetes object can be named; its label `issuer` is `invalid_name`',
  malformed_probe_annotation:
    'the annotation `svidwatch.io/probe` of a pod is neither `never` nor a list of up to 8 ports and names of TCP ports of its containers; the pod is not probed',
  too_many_ports: 'more than 8 container ports of a pod have names of `servedSvids.portNames`; the first 8 are probed',
  invalid_pod_address: 'the address in the status of a pod is not one that a pod has for itself; the pod is not probed',
  csr_unparsable: 'a certificate signing request that cannot be parsed',
  malformed_finding: 'a line from a node role that is not a valid finding',
  too_many_lines: 'a node role sends more lines than a node role does, so its stream is cut for a minute',
  too_many_findings: 'a node role reports more volumes than a node can have',
  too_many_authorities:
    'a node role reports more X.509 authorities in different trust bundles than a node can have; the other bundles are ignored',
  wrong_node: 'a node role reports a pod that the API places on another node',
} as const

export type RejectionReason = keyof typeof rejectionReasons
