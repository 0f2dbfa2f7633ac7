import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import type { RequestObservation } from '../ledger/issuance/observations.ts'
import type { PresentedSvid, RequestPlace } from '../ledger/workloads/view.ts'
import { rotationIds, type SpanIds } from './ids.ts'

/** The most rotations that are remembered. The longest remembered are forgotten first. */
const maxRemembered = 10_000

/** A rotation that took this long to be issued may be what a problem was about, although it succeeded in the end. */
const slowMs = 30_000

/** Failures remembers the rotations that went wrong, so that a problem can be linked to the one that caused it. */
export class Failures {
  readonly #rotations = new Map<string, SpanIds>()

  /** A request has ended. */
  ended(request: RequestObservation): void {
    const { state, createdMs, concludedMs = createdMs, namespace, name, issuer, uid } = request
    if (state === 'issued' && concludedMs - createdMs < slowMs) return
    const ids = rotationIds(uid)
    this.#remember(requestKey(namespace, name), ids)
    this.#remember(issuerKey(issuer), ids)
  }

  /** The SVID of a request was not seen in its file, although the files of the node are seen, or a server does not present it yet. */
  notDelivered({ namespace, uid }: RequestObservation, { pod, volume }: RequestPlace): void {
    this.#remember(placeKey(namespace, pod, volume), rotationIds(uid))
  }

  /** A server presents the SVID of a volume that was issued last. */
  presented({ namespace, pod, volume }: PresentedSvid['place']): void {
    this.#rotations.delete(placeKey(namespace, pod, volume))
  }

  /** Returns the rotation that a problem is about; undefined if none is remembered. */
  of({ subject, evidence }: Diagnosis): SpanIds | undefined {
    const { namespace = '', pod = '', volume = '', issuer = '' } = subject
    const { request } = evidence
    if (pod === '') return this.#rotations.get(issuerKey(issuer))
    const ofRequest = typeof request === 'string' ? this.#rotations.get(requestKey(namespace, request)) : undefined
    return ofRequest ?? this.#rotations.get(placeKey(namespace, pod, volume))
  }

  #remember(key: string, ids: SpanIds): void {
    this.#rotations.delete(key)
    this.#rotations.set(key, ids)
    if (this.#rotations.size <= maxRemembered) return
    for (const oldest of this.#rotations.keys()) {
      this.#rotations.delete(oldest)
      return
    }
  }
}

const requestKey = (namespace: string, name: string): string => `request ${namespace}/${name}`
const placeKey = (namespace: string, pod: string, volume: string): string => `place ${namespace}/${pod}/${volume}`
const issuerKey = (issuer: string): string => `issuer ${issuer}`
