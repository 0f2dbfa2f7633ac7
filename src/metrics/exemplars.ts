import { attestationMethod } from '../ledger/issuance/totals.ts'
import {
  deliveryLabels,
  durationBuckets,
  totalsShape,
  type ConcludedRequest,
  type CountedAs,
} from '../ledger/issuance/view.ts'
import type { MountedSvid } from '../ledger/workloads/view.ts'
import type { MetricName } from './catalogue.ts'
import { labelText } from './labelText.ts'

/** Refers from a sample to a trace (OpenMetrics 1.0, "Exemplars"). */
export interface Exemplar {
  readonly traceId: string
  readonly spanId: string
  /** What the trace has added to the sample: 1 to a counter, a value within the bucket to a histogram. */
  readonly value: number
  /** When it was added, ms since the Unix epoch. */
  readonly timeMs: number
}

/** Returns the exemplar of a sample of one family: of its labels, and of the bucket with this index where it is a histogram. */
export type ExemplarOf = (labels: string, bucket?: number) => Exemplar | undefined

/** What was counted of a rotation, whose spans can be referred to. */
export interface CountedRotation {
  readonly concluded: ConcludedRequest | undefined
  readonly delivery: MountedSvid['delivery']
  /** When the rotation has ended, as svidwatch saw it, ms since the Unix epoch. */
  readonly observedMs: number
}

/** How long an exemplar is kept, ms. Without a limit, those of issuers that come and go would pile up. */
const keptMs = 24 * 60 * 60_000

/** The exemplars that refer to one trace. */
interface Referring {
  readonly timeMs: number
  readonly places: readonly (readonly [MetricName, string])[]
}

/** Exemplars holds the newest exemplar of each sample that has counted something within a day. */
export class Exemplars {
  readonly #families = new Map<MetricName, Map<string, Exemplar>>()
  /** By the id of the trace, the oldest first. */
  readonly #traces = new Map<string, Referring>()

  /** The spans of a rotation can be referred to by what was counted of it. */
  add({ concluded, delivery, observedMs }: CountedRotation, ids: Pick<Exemplar, 'traceId' | 'spanId'>): void {
    this.#forgetOld(observedMs)
    const refer = (family: MetricName, labels: string, value: number, bucket?: number) =>
      this.#set(family, keyOf(labels, bucket), { ...ids, value, timeMs: observedMs })
    const took = (family: MetricName, countedAs: CountedAs, seconds: number | undefined) => {
      if (seconds !== undefined) refer(family, durationLabels(countedAs), seconds, bucketOf(seconds))
    }
    if (delivery) took('spiffe_svid_mount_duration_seconds', delivery.countedAs, delivery.seconds)
    if (concluded === undefined) return
    const { countedAs, seconds } = concluded
    refer(...counterOf(concluded), 1)
    took('spiffe_certificate_request_approval_duration_seconds', countedAs, seconds.approval)
    took('spiffe_certificate_request_signing_duration_seconds', countedAs, seconds.signing)
    took('spire_server_svid_renewal_duration_seconds', countedAs, seconds.renewal)
    took('spiffe_pod_first_svid_duration_seconds', countedAs, seconds.firstSvid)
  }

  /** The spans of a trace will not arrive: nothing refers to it any more. */
  forget(traceId: string): void {
    for (const [family, key] of this.#traces.get(traceId)?.places ?? []) this.#families.get(family)?.delete(key)
    this.#traces.delete(traceId)
  }

  /** Returns the exemplars of a family; undefined if it has none. */
  of(family: MetricName): ExemplarOf | undefined {
    const exemplars = this.#families.get(family)
    return exemplars && ((labels, bucket) => exemplars.get(keyOf(labels, bucket)))
  }

  #set(family: MetricName, key: string, exemplar: Exemplar): void {
    const exemplars = this.#families.get(family) ?? new Map<string, Exemplar>()
    this.#families.set(family, exemplars)
    const before = exemplars.get(key)
    if (before) this.#leave(before.traceId, family, key)
    exemplars.set(key, exemplar)
    const { traceId, timeMs } = exemplar
    this.#traces.set(traceId, { timeMs, places: [...(this.#traces.get(traceId)?.places ?? []), [family, key]] })
  }

  #forgetOld(nowMs: number): void {
    for (const [traceId, { timeMs }] of this.#traces) {
      if (nowMs - timeMs < keptMs) return
      this.forget(traceId)
    }
  }

  #leave(traceId: string, family: MetricName, key: string): void {
    const referring = this.#traces.get(traceId)
    if (referring === undefined) return
    const places = referring.places.filter(([one, other]) => one !== family || other !== key)
    if (places.length > 0) this.#traces.set(traceId, { ...referring, places })
    else this.#traces.delete(traceId)
  }
}

const keyOf = (labels: string, bucket: number | undefined): string => `${bucket ?? ''} ${labels}`

const bucketOf = (seconds: number): number => {
  const bucket = durationBuckets.findIndex((bound) => seconds <= bound)
  return bucket === -1 ? durationBuckets.length : bucket
}

const durationLabels = ({ trustDomain, issuer }: CountedAs): string => labelText(deliveryLabels, [trustDomain, issuer])

/** Returns the counter that has counted a request, and its labels. */
function counterOf({ request: { state, reason }, countedAs }: ConcludedRequest): readonly [MetricName, string] {
  const values = [countedAs.trustDomain, countedAs.issuer, attestationMethod]
  return state === 'issued'
    ? ['spire_attestation_success_total', labelText(totalsShape.attestationSuccess.labels, values)]
    : ['spire_attestation_failure_total', labelText(totalsShape.attestationFailure.labels, [...values, reason])]
}
