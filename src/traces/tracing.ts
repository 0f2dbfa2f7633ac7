import { inSlices } from '../breather.ts'
import type { Clock } from '../clock.ts'
import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import type { Follow } from '../ledger/changes.ts'
import type { LedgerView } from '../ledger/view.ts'
import { Failures } from './failures.ts'
import { rotationIds, type SpanIds } from './ids.ts'
import { createOtlpSend, createSampler } from './otlp.ts'
import { problemSpans } from './problem.ts'
import { SpanQueue, type SpanCounts } from './queue.ts'
import { rotationSpans, servedSpans } from './rotation.ts'
import { Rotations, type FinishedRotation } from './rotations.ts'
import { Sender } from './sender.ts'
import { samplingOf, sendingSettings, tracesUrl, type Environment, type TracingSettings } from './settings.ts'
import type { SpanGroup } from './spans.ts'

export interface TracingOptions {
  readonly settings: TracingSettings
  readonly env: Environment
  readonly clock: Clock
  readonly version: string
  readonly ledger: Pick<LedgerView, 'placeOf'> & { readonly follow: Follow }
  readonly diagnoses: Pick<DiagnosesView, 'follow'>
  /** Returns the headers for the collector; undefined if there are none besides those of the standard variables. Never rejects. */
  readonly headers: (() => Promise<Record<string, string>>) | undefined
  /** The spans of a rotation are queued, and can be referred to. */
  readonly queued: (rotation: FinishedRotation, ids: SpanIds) => void
  /** The spans of a trace were queued, and will not arrive. */
  readonly lost: (traceId: string) => void
  /** Called when the collector cannot be reached, and with undefined when it can again. */
  readonly troubled: (detail: string | undefined) => void
  /** Called once for each problem with the environment variables. */
  readonly misconfigured: (problem: string) => void
}

/** The traces of a process. */
export interface Tracing {
  readonly counts: SpanCounts
  /** Returns the ids of the span of a request that has ended; undefined if sampling leaves it out. */
  idsOf(request: { readonly uid: string; readonly state: string }): SpanIds | undefined
  /** Sends what is left, until the signal aborts. */
  close(signal: AbortSignal): Promise<void>
}

/** How often rotations are looked through that wait for their mount, ms. */
const sweepMs = 1_000

/** Follows the ledger and the diagnoses, and sends their spans. */
export function startTracing(options: TracingOptions): Tracing {
  const { settings, env, clock, ledger, diagnoses, queued } = options
  const { ratio, problem } = samplingOf(settings, env)
  if (problem !== undefined) options.misconfigured(problem)
  const isSampled = createSampler(ratio)
  const sending = sendingSettings(env)
  const queue = new SpanQueue({
    clock,
    maxSpans: sending.queueSpans,
    isSampled: ({ spans }) => spans[0] !== undefined && isSampled(spans[0].traceId),
    lost: ({ spans }) => spans[0] && options.lost(spans[0].traceId),
  })
  const send = createOtlpSend({ ...options, url: tracesUrl(settings) })
  const sender = new Sender({ ...sending, clock, queue, send, troubled: options.troubled })
  const failures = new Failures()
  const offer = (group: SpanGroup): boolean => {
    const isQueued = queue.offer(group)
    sender.wake()
    return isQueued
  }

  const rotations = new Rotations({
    clock,
    follow: ledger.follow,
    placeOf: (request) => ledger.placeOf(request),
    finished: (rotation) => {
      const { request, place, mount } = rotation
      failures.ended(request)
      // A server may have read the SVID since it was mounted.
      const isAwaited = mount ? ledger.placeOf(request)?.awaitsServer : place?.isSeen
      if (request.state === 'issued' && place && isAwaited) failures.notDelivered(request, place)
      if (offer(rotationSpans(rotation))) queued(rotation, rotationIds(request.uid))
    },
  })
  const endServed = ledger.follow('presented', (presented) => {
    failures.presented(presented.place)
    offer(servedSpans(presented))
  })
  const endProblems = diagnoses.follow(({ is, diagnosis }) => {
    if (is === 'ended') offer(problemSpans(diagnosis, clock.now(), failures.of(diagnosis)))
  })
  const stopped = new AbortController()
  const running = Promise.all([sender.run(stopped.signal), sweepRegularly(rotations, clock, stopped.signal)])

  return {
    counts: queue,
    idsOf({ uid, state }) {
      const ids = rotationIds(uid)
      return state !== 'issued' || isSampled(ids.traceId) ? ids : undefined
    },
    async close(signal) {
      stopped.abort()
      rotations.close()
      endServed()
      endProblems()
      await running
      await sender.flush(signal)
      queue.close()
    },
  }
}

async function sweepRegularly(rotations: Rotations, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await inSlices(clock, rotations.sweep())
    await clock.sleep(sweepMs, signal)
  }
}
