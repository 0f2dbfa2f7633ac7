import type { FailureReason, PendingReason } from '../../ledger/issuance/reasons.ts'
import type { TrustDomains } from '../../ledger/issuance/observations.ts'

/** Why a request was denied. */
export interface Denial {
  readonly reason: FailureReason
  readonly trustDomains?: TrustDomains
}

type Words<Code> = readonly (readonly [RegExp, Code])[]

/** What approvers say. Where two of them match at the same place, the first one counts. */
const denials: Words<FailureReason> = [
  [/no policy approved|CertificateRequestPolic/i, 'denied_policy'],
  [/non-SPIFFE (certificate )?request/i, 'denied_not_spiffe_request'],
  [/forbidden (extended )?key usage|wrong usages|(failed to parse|non) extended key usage/i, 'denied_key_usage'],
  [/failed to (parse|unmarshal)|incorrectly encoded/i, 'denied_csr_unparsable'],
  [/doesn't match required, required=|duration/i, 'denied_duration'],
  [/signature/i, 'denied_signature'],
  [/forbidden extensions, DNS=|DNS SAN/i, 'denied_forbidden_names'],
  [/forbidden extension/i, 'denied_forbidden_extension'],
  [/non uri san/i, 'denied_not_uri_san'],
  [/isCA/i, 'denied_is_ca'],
  [/username|csi-driver-spiffe ServiceAccount/i, 'denied_username'],
  [/exactly 1 SPIFFE URI/i, 'denied_uri_count'],
  [/scheme is not spiffe/i, 'denied_uri_scheme'],
  [/SPIFFE ID/i, 'denied_spiffe_id'],
  [/trust domain/i, 'denied_trust_domain'],
]

/** What cert-manager and other signers say of a request that waits for its issuer. */
const waits: Words<PendingReason> = [
  [/signing CA keypair/i, 'issuer_key_pair_invalid'],
  [/secret\b.*\bnot found/i, 'issuer_secret_not_found'],
  [/(issuer\b.*|Referenced "") not found/i, 'issuer_not_found'],
  [/Ready status condition|issuer\b.*\bnot (yet )?ready/i, 'issuer_not_ready'],
  [/missing issuer type/i, 'issuer_kind_missing'],
]

/** Only the beginning of a message is read, because a long one would take much time. It has room for two SPIFFE IDs. */
const maxRead = 2000

/**
 * Returns the code of what a message says first. Another program has written the message, and may have put its findings into a list
 * or other words before them, so a code is found wherever it stands. What stands in quotes comes from the request, and is not read.
 */
function codeOf<Code>(message: string, words: Words<Code>): Code | undefined {
  const read = message.slice(0, maxRead).replaceAll(/"(?:[^"\\]|\\.)*("|$)/g, '""')
  let first = { at: Infinity, code: undefined as Code | undefined }
  for (const [pattern, code] of words) {
    const at = read.search(pattern)
    if (at !== -1 && at < first.at) first = { at, code }
  }
  return first.code
}

/** Returns why a request was denied, by the message of the approver. `approver` is the reason of the condition. */
export function denialOf(message: string, approver: string | undefined): Denial {
  if (approver === 'policy.cert-manager.io') return { reason: 'denied_policy' }
  const reason = codeOf(message, denials) ?? 'denied_other'
  if (reason !== 'denied_spiffe_id' && reason !== 'denied_trust_domain') return { reason }
  const trustDomains = trustDomainsIn(message)
  return trustDomains ? { reason: 'denied_trust_domain', trustDomains } : { reason }
}

/** Two SPIFFE IDs, or two trust domains. */
const expectedAndRequested =
  /\bexp="(?:spiffe:\/\/)?([a-z0-9._-]{1,255})(?:\/[^"]*)?",? got="(?:spiffe:\/\/)?([a-z0-9._-]{1,255})["/]/

/** Returns the trust domain that an approver expects and the one that it was asked for; undefined if the message does not name two. */
function trustDomainsIn(message: string): TrustDomains | undefined {
  const [, expected, requested] = expectedAndRequested.exec(message.slice(0, maxRead)) ?? []
  if (expected === undefined || requested === undefined || expected === requested) return undefined
  return { expected, requested }
}

/** Returns why a request failed, by the message of its issuer. */
export const failureOf = (message: string): FailureReason =>
  codeOf(message, [[/\bsign(ing|ed)?\b/i, 'failed_signing']]) ?? 'failed_other'

/** Returns why a request waits for its issuer, by the message of the issuer. */
export const waitOf = (message: string): PendingReason =>
  message === '' ? 'awaiting_issuer' : (codeOf(message, waits) ?? 'pending_other')
