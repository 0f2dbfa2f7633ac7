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
    denied_duration: 'it asks for another duration than the required one',
    denied_signature: 'the signature of the certificate signing request is wrong',
    denied_forbidden_names: 'it asks for DNS names, IP addresses, e-mail addresses or a common name',
    denied_forbidden_extension: 'it asks for an extension that is not allowed',
    denied_key_usage: 'it asks for a key usage that is not allowed',
    denied_not_uri_san: 'it has a subject alternative name that is not a URI',
    denied_is_ca: 'it asks for a CA certificate',
    denied_username: 'it was not made by the service account that it must come from',
    denied_uri_count: 'it does not have exactly one SPIFFE URI',
    denied_uri_scheme: 'its URI does not have the spiffe scheme',
    denied_spiffe_id: 'it asks for another SPIFFE ID than its service account has',
    denied_trust_domain: 'it asks for a SPIFFE ID of another trust domain',
    denied_not_spiffe_request: 'it asks for a SPIFFE ID from an issuer that is not the one for SPIFFE IDs',
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

/** Every reason for which a request can end without a certificate. */
export const failureReasons = [
  ...Object.keys(requestReasons.denied),
  ...Object.keys(requestReasons.failed),
] as readonly string[] as readonly [FailureReason, ...FailureReason[]]
