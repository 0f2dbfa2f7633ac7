import type { FailureReason, PendingReason, RequestReason } from '../../ledger/issuance/reasons.ts'
import type { RequestState } from '../../ledger/issuance/observations.ts'
import { printable } from '../../text/printable.ts'
import type { KubernetesObject } from '../kubernetesObject.ts'
import { intern } from '../sharedStrings.ts'

/** The state of a CertificateRequest. Times are milliseconds since the Unix epoch, with a resolution of 1 s. */
export interface Progress {
  readonly state: RequestState
  readonly reason: RequestReason | ''
  /** What the approver or issuer says of a request that waits, was denied or failed, made printable; left out if that is nothing. */
  readonly message?: string
  readonly approvedMs?: number
  readonly concludedMs?: number
}

/** The messages of csi-driver-spiffe's approver, without their prefix "Denied request: ". */
const denials: readonly [RegExp, FailureReason][] = [
  [/^failed to parse request/, 'denied_csr_unparsable'],
  [/^requested certificate doesn't match required/, 'denied_duration'],
  [/signature check failed/, 'denied_signature'],
  [/^forbidden extensions, DNS=/, 'denied_forbidden_names'],
  [/^forbidden extension/, 'denied_forbidden_extension'],
  [/^forbidden (extended )?key usage/, 'denied_key_usage'],
  [/non uri san/, 'denied_not_uri_san'],
  [/spec\.isCA/, 'denied_is_ca'],
  [/wrong usages/, 'denied_key_usage'],
  [/non-serviceaccount encoded username|must be made by the csi-driver-spiffe/, 'denied_username'],
  [/^expected exactly 1 SPIFFE URI/, 'denied_uri_count'],
  [/^URI scheme is not spiffe/, 'denied_uri_scheme'],
  [/^unexpected SPIFFE ID/, 'denied_spiffe_id'],
  [/^unexpected trust domain/, 'denied_trust_domain'],
]

/** The messages of cert-manager in the Ready condition of a request that waits for its issuer. */
const waitReasons: readonly [RegExp, PendingReason][] = [
  [/does not have a Ready status condition/, 'issuer_not_ready'],
  [/^Referenced secret .*not found/i, 'issuer_secret_not_found'],
  [/^Referenced "?[A-Za-z]*Issuer"? .*not found|^Referenced .*issuer.* not found/i, 'issuer_not_found'],
  [/^Missing issuer type/, 'issuer_kind_missing'],
  [/signing CA keypair/, 'issuer_key_pair_invalid'],
]

/** Only the beginning of a message is matched, because a long one would take much time. */
const codeOf = <Code>(message: string, table: readonly [RegExp, Code][], other: Code): Code =>
  table.find(([pattern]) => pattern.test(message.slice(0, 1000)))?.[1] ?? other

/** Returns the state of a CertificateRequest from its status. Approvers such as approver-policy are known by their reason. */
export function progressOf(status: KubernetesObject): Progress {
  const conditions = new Map(status.objects('conditions').map((condition) => [condition.text('type'), condition]))
  const isTrue = (type: string): KubernetesObject | undefined => {
    const condition = conditions.get(type)
    return condition?.text('status') === 'True' ? condition : undefined
  }
  const approved = isTrue('Approved')
  const ready = conditions.get('Ready')
  const approvedMs = approved?.time('lastTransitionTime')
  const approval = approvedMs === undefined ? {} : { approvedMs }

  const concluded = (condition: KubernetesObject, state: RequestState, reason: FailureReason | ''): Progress => {
    const concludedMs =
      (state === 'issued' ? undefined : status.time('failureTime')) ?? condition.time('lastTransitionTime')
    const words = state === 'issued' ? {} : wordsOf(condition)
    return { state, reason, ...words, ...approval, ...(concludedMs !== undefined && { concludedMs }) }
  }
  const denied = isTrue('Denied')
  if (denied !== undefined) return concluded(denied, 'denied', denialOf(denied))
  const invalid = isTrue('InvalidRequest')
  if (invalid !== undefined) return concluded(invalid, 'failed', 'failed_invalid_request')
  if (ready?.text('reason') === 'Failed') return concluded(ready, 'failed', failureOf(ready))
  if (ready?.text('status') === 'True') return concluded(ready, 'issued', '')
  if (approved === undefined) return { state: 'pending', reason: 'awaiting_approval', ...wordsOf(ready) }
  return { state: 'approved', reason: waitOf(ready), ...wordsOf(ready), ...approval }
}

/** In UTF-16 code units. */
const maxMessageLength = 256

/** Returns the message of a condition. It is a copy, because a part of a long message would keep all of it in memory. */
function wordsOf(condition: KubernetesObject | undefined): Pick<Progress, 'message'> {
  const message = printable(condition?.text('message') ?? '', { maxLength: maxMessageLength })
  return message === '' ? {} : { message: intern(Buffer.from(message).toString()) }
}

function denialOf(denied: KubernetesObject): FailureReason {
  if (denied.text('reason') === 'policy.cert-manager.io') return 'denied_policy'
  return codeOf((denied.text('message') ?? '').replace(/^Denied request: /, ''), denials, 'denied_other')
}

const failureOf = (ready: KubernetesObject): FailureReason =>
  (ready.text('message') ?? '').startsWith('Error signing certificate') ? 'failed_signing' : 'failed_other'

const waitOf = (ready: KubernetesObject | undefined): PendingReason => {
  const message = ready?.text('message') ?? ''
  return message === '' ? 'awaiting_issuer' : codeOf(message, waitReasons, 'pending_other')
}
