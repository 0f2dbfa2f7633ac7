import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spiffeDriver } from '../config/spiffeDriver.ts'
import type { Period } from '../identity/lifetime.ts'
import { volumePaths } from '../sources/mountedSvids/layout.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { periodOf } from './certificateAuthority.ts'
import { conditionOf, stateOf, type RequestState } from './certificateRequest.ts'
import { requestsOf } from './issuance.ts'
import type { Fate } from './population.ts'
import type { Workload } from './workload.ts'

/** The true state of one pod at one time, read from its files and from the objects of the API. */
export interface PodTruth {
  readonly workload: Workload
  readonly fate: Fate
  /** Whether the pod keeps the mount of a driver process that is gone. */
  readonly mountDead: boolean
  /** The validity of the certificate on disk; undefined if there is none. */
  readonly mounted: Period | undefined
  readonly newestRequest: RequestTruth | undefined
}

interface RequestTruth {
  readonly name: string
  readonly state: RequestState
  /** The approver's message, if it has decided. */
  readonly decision: string | undefined
  /** The validity of the issued certificate. */
  readonly certificate: Period | undefined
}

/** Returns the validity of the mounted certificate; undefined if there is none. */
export async function readMounted(kubeletRoot: string, workload: Workload): Promise<Period | undefined> {
  const { mount } = volumePaths(kubeletRoot, workload.podUid, workload.volume)
  const path = join(mount, spiffeDriver.certificateFile)
  // The second attempt is for files that are swapped while they are being opened.
  const pem = await readFile(path, 'utf8').catch(() => readFile(path, 'utf8').catch(() => undefined))
  return pem === undefined ? undefined : periodOf(pem)
}

/** Returns the newest request for the workload's volume; undefined if there is none. */
export function readNewestRequest(store: ObjectStore, workload: Workload): RequestTruth | undefined {
  const [request] = requestsOf(store, workload)
  if (request === undefined) return undefined
  const certificate = request.status?.certificate
  return {
    name: request.metadata.name,
    state: stateOf(request),
    decision: (conditionOf(request, 'Denied') ?? conditionOf(request, 'Approved'))?.message,
    certificate: certificate === undefined ? undefined : periodOf(Buffer.from(certificate, 'base64').toString()),
  }
}
