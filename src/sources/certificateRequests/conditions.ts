import type { RequestReason } from '../../ledger/issuance/reasons.ts'
import type { RequestState, TrustDomains } from '../../ledger/issuance/observations.ts'
import { printable } from '../../text/printable.ts'
import type { KubernetesObject } from '../kubernetesObject.ts'
import { intern } from '../sharedStrings.ts'
import { denialOf, failureOf, waitOf, type Denial } from './denials.ts'

/** The state of a CertificateRequest. Times are milliseconds since the Unix epoch, with a resolution of 1 s. */
export interface Progress {
  readonly state: RequestState
  readonly reason: RequestReason | ''
  /** What the approver or issuer says of a request that waits, was denied or failed, made printable; left out if that is nothing. */
  readonly message?: string
  /** The trust domains that a denial names. */
  readonly trustDomains?: TrustDomains
  readonly approvedMs?: number
  readonly concludedMs?: number
}

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

  const concluded = (
    condition: KubernetesObject,
    state: RequestState,
    why: Denial | { readonly reason: '' },
  ): Progress => {
    // Of a denied request, cert-manager sets failureTime a moment after the denial.
    const concludedMs =
      (state === 'failed' ? status.time('failureTime') : undefined) ?? condition.time('lastTransitionTime')
    const words = state === 'issued' ? {} : wordsOf(condition)
    return { state, ...why, ...words, ...approval, ...(concludedMs !== undefined && { concludedMs }) }
  }
  const denied = isTrue('Denied')
  if (denied !== undefined) return concluded(denied, 'denied', denialOf(messageOf(denied), denied.text('reason')))
  const invalid = isTrue('InvalidRequest')
  if (invalid !== undefined) return concluded(invalid, 'failed', { reason: 'failed_invalid_request' })
  if (ready?.text('reason') === 'Failed') return concluded(ready, 'failed', { reason: failureOf(messageOf(ready)) })
  if (ready?.text('status') === 'True') return concluded(ready, 'issued', { reason: '' })
  if (approved === undefined) return { state: 'pending', reason: 'awaiting_approval', ...wordsOf(ready) }
  return { state: 'approved', reason: waitOf(messageOf(ready)), ...wordsOf(ready), ...approval }
}

/** In UTF-16 code units. */
const maxMessageLength = 256

/** Returns the message of a condition. It is a copy, because a part of a long message would keep all of it in memory. */
function wordsOf(condition: KubernetesObject | undefined): Pick<Progress, 'message'> {
  const message = printable(messageOf(condition), { maxLength: maxMessageLength })
  return message === '' ? {} : { message: intern(Buffer.from(message).toString()) }
}

const messageOf = (condition: KubernetesObject | undefined): string => condition?.text('message') ?? ''
