import { svidProblems } from '../identity/svidProblems.ts'

/** Why a CertificateRequest waits, was denied, or failed. Codes are contracts: they are label values. */
export const requestReasons = {
  pending: {
    awaiting_approval: 'no approver has decided yet',
    awaiting_issuer: 'approved, and the issuer has not answered yet',
    issuer_not_found: 'the issuer that the request names does not exist',
    issuer_not_ready: 'the issuer has no Ready condition, or it is false',
    issuer_secret_not_found: "the issuer's Secret with the CA key pair does not exist",
    issuer_key_pair_invalid: "the issuer's CA key pair cannot be read",
    issuer_kind_missing: 'the request names no kind of issuer that cert-manager knows',
    pending_other: 'pending for a reason that has no code of its own',
  },
  denied: {
    denied_csr_unparsable: 'the certificate signing request cannot be parsed',
    denied_duration: 'another duration than the one that is required',
    denied_signature: 'the signature of the certificate signing request is wrong',
    denied_forbidden_names: 'it asks for DNS names, IP addresses, e-mail addresses or a common name',
    denied_forbidden_extension: 'it asks for an extension that is not allowed',
    denied_key_usage: 'it asks for a key usage that is not allowed',
    denied_not_uri_san: 'it has a subject alternative name that is no URI',
    denied_is_ca: 'it asks for a CA certificate',
    denied_username: 'it was not made by the service account that it must come from',
    denied_uri_count: 'it has not exactly one SPIFFE URI',
    denied_uri_scheme: 'its URI is not of the spiffe scheme',
    denied_spiffe_id: 'it asks for another SPIFFE ID than its service account has',
    denied_trust_domain: 'it asks for a SPIFFE ID of another trust domain',
    denied_policy: 'approver-policy denied it',
    denied_other: 'denied for a reason that has no code of its own',
  },
  failed: {
    failed_signing: 'the issuer could not sign it',
    failed_invalid_request: 'cert-manager found the request invalid',
    failed_other: 'failed for a reason that has no code of its own',
  },
} as const

export type PendingReason = keyof typeof requestReasons.pending
export type FailureReason = keyof typeof requestReasons.denied | keyof typeof requestReasons.failed
export type RequestReason = PendingReason | FailureReason

/** Every way in which a request can end without a certificate. */
export const failureReasons = [
  ...Object.keys(requestReasons.denied),
  ...Object.keys(requestReasons.failed),
] as FailureReason[]

/** Why a certificate file shows no SVID: what the file system says, then what the certificate says. */
export const readProblems = {
  missing: 'there is no such file',
  empty: 'the file is empty',
  unmounted: 'the volume is not mounted on the host',
  unreadable: 'the file cannot be opened or read',
  not_a_file: 'it is a folder, a socket, a pipe or a device',
  outside_volume: 'it is a symlink that leads out of the volume, or to another file of it',
  too_large: 'the file is larger than any certificate chain should be',
  ...svidProblems,
} as const

export type ReadProblem = keyof typeof readProblems

/** Why a source cannot see its system. */
export const troubleReasons = {
  unreachable: 'no connection, or it broke',
  timeout: 'no answer in time',
  unauthorized: 'the credentials are not accepted (HTTP 401)',
  forbidden: 'a right is missing (HTTP 403)',
  not_found: 'the API does not have the resource (HTTP 404): its CRD is not installed',
  expired: 'the history to resume from is gone (HTTP 410): listed anew',
  throttled: 'the API server asks to wait (HTTP 429)',
  server_error: 'the API server failed (HTTP 5xx)',
  protocol: 'an answer that is not the one the API documents',
  configuration: 'the credentials or the address cannot be read',
  unreadable: 'the folder or file cannot be read',
  no_endpoint: 'no node role offers findings for the node any more',
  internal: 'a fault in svidwatch itself',
} as const

export type TroubleReason = keyof typeof troubleReasons

/** Why one input was refused without harm to the others: what is wrong with it, or how its certificate is no SVID. */
export const rejectionReasons = {
  ...readProblems,
  malformed_object: 'a Kubernetes object without the fields that its API promises, or of wrong types',
  malformed_volume_data: 'vol_data.json is not the JSON that the kubelet writes',
  csr_unparsable: 'a certificate signing request that cannot be parsed',
  malformed_finding: 'a line of a node role that is not what its stream promises',
  too_many_findings: 'a node role tells of more volumes than a node can have',
  wrong_node: 'a node role tells of a pod that the API places on another node',
} as const

export type RejectionReason = keyof typeof rejectionReasons

/** Why a bundle endpoint gave no bundle that can be used. Codes are contracts: they are label values. */
export const bundleProblems = {
  unreachable: 'no connection, or it broke',
  timeout: 'no complete answer within 10 s',
  tls_handshake: 'no TLS connection could be agreed on, or the endpoint asks for a client certificate',
  tls_untrusted: 'the certificate does not verify: no authority to trust has signed it, or it is not for a server',
  tls_expired: 'the certificate, or one behind it, is not valid at this time',
  tls_wrong_name: 'https_web: the certificate is for another host',
  tls_not_svid: 'https_spiffe: the certificate is no X.509-SVID',
  tls_wrong_spiffe_id: 'https_spiffe: the certificate has another SPIFFE ID than the one that is configured',
  http_status: 'another HTTP status than 200 or a redirect',
  protocol: 'an answer that is no HTTP/1.1, or is compressed although that was not asked for',
  redirect_refused: 'a redirect to what is no valid URL of a bundle endpoint',
  redirect_loop: 'too many redirects',
  too_large: 'the document is larger than any bundle should be',
  malformed_json: 'the document is no JSON in UTF-8, is nested too deep, or has a member twice',
  malformed_bundle: 'the document is no SPIFFE bundle',
  malformed_authority: 'one of the keys is not what its use promises',
  sequence_regressed: 'an older bundle than the last one',
  no_authorities: 'https_web: the authorities to trust cannot be read',
  no_bootstrap: 'https_spiffe: there is no bundle to begin with, or it cannot be read',
  internal: 'a fault in svidwatch itself',
} as const

export type BundleProblem = keyof typeof bundleProblems

/** What about a pod puts identities at risk. */
export const postureFindings = {
  host_pid: 'it shares the process namespace of its node, so that it can pose as other workloads to an agent',
  socket_file_mount: "it mounts an agent's socket as a single file, which is dead once the agent restarts",
} as const

export type PostureFinding = keyof typeof postureFindings
