import type { RequestObservation } from '../ledger/issuance/observations.ts'
import { attestationMethod } from '../ledger/issuance/totals.ts'
import type { PresentedSvid, RequestPlace } from '../ledger/workloads/view.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import type { SpanAttributes } from './attributes.ts'
import { rotationIds, spanIdOf, type SpanIds } from './ids.ts'
import { spanOf, type SpanGroup, type Sourced, type SpanPlan } from './spans.ts'

/** A rotation that has ended. */
export interface EndedRotation {
  /** In its last version: issued, denied or failed. */
  readonly request: RequestObservation
  /** When its end was observed, ms since the Unix epoch. It counts if the object does not say when it ended. */
  readonly observedMs: number
  /** Where the SVID is mounted, and when that was; undefined if it is not mounted, or nobody sees whether it is. */
  readonly mount?: Mount | undefined
}

export interface Mount {
  readonly place: Pick<RequestPlace, 'volume' | 'node'>
  readonly at: Sourced
}

/**
 * Returns the spans of a rotation. Ids come from the uid of the request, and contents from the objects alone, so that they are the
 * same in every process. The mount is the exception: its id comes from its time as well, because a file may be written again.
 */
export function rotationSpans(rotation: EndedRotation): SpanGroup {
  const { request, mount } = rotation
  const ids = rotationIds(request.uid)
  const times = timesOf(rotation)
  const plans = [rootPlan(request, ids, times), ...stepPlans(request, ids, times)]
  if (mount) plans.push(mountPlan(request, ids, mount, times.end))
  return { spans: plans.map(spanOf), isFailure: request.state !== 'issued' }
}

interface Times {
  readonly start: Sourced
  readonly approved: Sourced | undefined
  readonly end: Sourced
}

const ofObject = (ms: number): Sourced => ({ ms, source: 'object' })

function timesOf({ request, observedMs }: EndedRotation): Times {
  const { createdMs, approvedMs, concludedMs } = request
  return {
    start: ofObject(createdMs),
    approved: approvedMs === undefined ? undefined : ofObject(approvedMs),
    end: concludedMs === undefined ? { ms: observedMs, source: 'observed' } : ofObject(concludedMs),
  }
}

function rootPlan(request: RequestObservation, ids: SpanIds, { start, end }: Times): SpanPlan {
  const { svid } = request
  return {
    ...ids,
    ...failureOf(request),
    name: 'svid.rotation',
    start,
    end,
    attributes: {
      ...placeOf(request),
      'k8s.pod.uid': request.owner?.podUid,
      'spiffe.id': request.spiffeId,
      'spiffe.trust.domain': request.trustDomain,
      'spiffe.svid.ttl': svid && Math.round((svid.notAfterMs - svid.notBeforeMs) / 1000),
      'spiffe.svid.not_after': svid && rfc3339(svid.notAfterMs),
      'spiffe.attestation.method': attestationMethod,
      'svidwatch.issuer': request.issuer,
      'svidwatch.request.name': request.name,
      'svidwatch.request.uid': request.uid,
      'svidwatch.result': request.state,
      'error.type': request.reason,
    },
  }
}

/** A denial ends the approval. Whatever else happens comes after the approval. */
function stepPlans(request: RequestObservation, ids: SpanIds, { start, approved, end }: Times): SpanPlan[] {
  const step = (name: 'svid.approval' | 'svid.issuance', from: Sourced, to: Sourced, isLast: boolean): SpanPlan => ({
    ...childOf(ids, request.uid, name),
    ...(isLast && failureOf(request)),
    name,
    start: from,
    end: to,
    attributes: isLast ? { 'error.type': request.reason } : {},
  })
  if (request.state === 'denied') return [step('svid.approval', start, end, true)]
  const approval = approved ? [step('svid.approval', start, approved, false)] : []
  return [...approval, step('svid.issuance', approved ?? start, end, true)]
}

function mountPlan(request: RequestObservation, ids: SpanIds, { place, at }: Mount, start: Sourced): SpanPlan {
  return {
    ...childOf(ids, request.uid, 'svid.mount', place.node, place.volume, at.ms, at.source),
    name: 'svid.mount',
    start,
    end: at,
    attributes: { ...placeOf(request), 'k8s.node.name': place.node, 'k8s.volume.name': place.volume },
  }
}

/**
 * Returns the span of a server that presents the SVID of a rotation, in the trace of the rotation. Only the clock of svidwatch says when
 * that was, so the id comes from the time as well.
 */
export function servedSpans({ requestUid, place, port, issuedMs, mountedMs, seenMs }: PresentedSvid): SpanGroup {
  const { namespace, pod, node, volume } = place
  const served = spanOf({
    ...childOf(rotationIds(requestUid), requestUid, 'svid.served', node, volume, port, seenMs),
    name: 'svid.served',
    start: mountedMs === undefined ? ofObject(issuedMs) : { ms: mountedMs, source: 'file' },
    end: { ms: seenMs, source: 'observed' },
    attributes: {
      'k8s.namespace.name': namespace,
      'k8s.pod.name': pod,
      'k8s.node.name': node,
      'k8s.volume.name': volume,
      'server.port': port,
    },
  })
  return { spans: [served], isFailure: false }
}

const childOf = ({ traceId, spanId }: SpanIds, ...parts: readonly (string | number)[]) => ({
  traceId,
  parentSpanId: spanId,
  spanId: spanIdOf('step', ...parts),
})

const placeOf = ({ namespace, owner }: RequestObservation): SpanAttributes => ({
  'k8s.namespace.name': namespace,
  'k8s.pod.name': owner?.podName,
})

const failureOf = ({ state, reason, message }: RequestObservation): { error?: string } =>
  state === 'issued' ? {} : { error: message ?? reason }
