import type { Clock } from '../clock.ts'
import type { ObjectStore } from './apiServer/store.ts'
import {
  certificateRequests,
  listRequests,
  readRequest,
  stateOf,
  type CertificateRequest,
} from './certificateRequest.ts'
import { createKeyAndRequest } from './signingRequest.ts'
import { newRequest, ofTrustDomain, volumeLabels, type Workload } from './workload.ts'

/** What is wrong with a driver that runs. */
export interface DriverFaults {
  /** The trust domain for which it asks, if that is another one than the approver expects. */
  readonly trustDomain?: string
  /** Each attempt replaces the request that waits by a new one, as older drivers do, and drivers that are restarted again and again. */
  readonly replacesRequests?: boolean
}

interface IssuanceOptions extends DriverFaults {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly lifetimeMs: number
}

/** An SVID to be issued. */
interface Order {
  readonly workload: Workload
  /** The request that is pending, from one attempt to the next. */
  pending?: PendingRequest | undefined
}

/** A request that waits, and the private key (PEM) for which it asks. */
export interface PendingRequest {
  readonly name: string
  readonly keyPem: string
}

/** An SVID as a workload reads it: its certificate and its private key, both PEM. The key is kept in memory only. */
export interface Svid {
  readonly certificatePem: string
  readonly keyPem: string
}

const pollMs = 1000
const attemptMs = 60_000

/**
 * Makes one attempt, as csi-lib does, to get an SVID: resumes the pending request or creates a new one, and waits for its
 * certificate. Returns undefined if it does not arrive in time, or if the request was denied, failed or deleted.
 */
export async function issue(options: IssuanceOptions, order: Order, signal: AbortSignal): Promise<Svid | undefined> {
  const { clock, store, lifetimeMs } = options
  const giveUpMs = clock.monotonicMs() + Math.min(attemptMs, lifetimeMs / 6)
  const pending = await requestFor(options, order)
  order.pending = pending
  while (!signal.aborted && clock.monotonicMs() < giveUpMs) {
    const request = readRequest(store, order.workload.namespace, pending.name)
    const state = request === undefined ? 'deleted' : stateOf(request)
    if (state !== 'pending' && state !== 'approved') {
      order.pending = undefined
      const certificate = state === 'issued' ? request?.status?.certificate : undefined
      if (certificate === undefined) return undefined
      return { certificatePem: Buffer.from(certificate, 'base64').toString(), keyPem: pending.keyPem }
    }
    await clock.sleep(pollMs, signal)
  }
  return undefined
}

/** Returns the request that waits, or a new one. */
function requestFor(
  { store, lifetimeMs, trustDomain, replacesRequests = false }: IssuanceOptions,
  { workload, pending }: Order,
): PendingRequest | Promise<PendingRequest> {
  if (pending !== undefined && !replacesRequests) return pending
  return submit(store, trustDomain === undefined ? workload : ofTrustDomain(workload, trustDomain), lifetimeMs)
}

/** Deletes old requests and creates a new one. */
async function submit(store: ObjectStore, workload: Workload, lifetimeMs: number): Promise<PendingRequest> {
  const { requestPem, keyPem } = await createKeyAndRequest(workload.spiffeId)
  const request = newRequest(workload, requestPem, lifetimeMs)
  const [newest, ...older] = requestsOf(store, workload)
  for (const { metadata } of older) store.delete(certificateRequests, metadata.namespace, metadata.name)
  if (newest !== undefined && !isRefused(newest)) {
    store.delete(certificateRequests, newest.metadata.namespace, newest.metadata.name)
  }
  return { name: store.create(certificateRequests, request).metadata.name, keyPem }
}

/** Reports whether a request was denied or failed: such a request stays beside the next one. */
function isRefused(request: CertificateRequest): boolean {
  return ['denied', 'failed'].includes(stateOf(request))
}

/** Returns the requests for the workload's volume, newest first. */
export function requestsOf(store: ObjectStore, workload: Workload): CertificateRequest[] {
  const labels = Object.entries(volumeLabels(workload))
  return listRequests(store, workload.namespace)
    .filter(({ metadata }) => labels.every(([label, value]) => metadata.labels?.[label] === value))
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === workload.podUid))
    .sort((a, b) => Date.parse(b.metadata.creationTimestamp ?? '') - Date.parse(a.metadata.creationTimestamp ?? ''))
}
