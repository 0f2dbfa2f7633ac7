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

/** What is true of one pod at one time, read from its files and from the API's objects. */
export interface PodTruth {
  readonly workload: Workload
  readonly fate: Fate
  /** The pod is on the mount of a driver that has gone. */
  readonly mountDead: boolean
  /** The certificate on disk; undefined where there is none. */
  readonly mounted: Period | undefined
  readonly newestRequest: RequestTruth | undefined
}

interface RequestTruth {
  readonly name: string
  readonly state: RequestState
  /** What the approver says, if it has decided. */
  readonly decision: string | undefined
  /** The certificate that was issued. */
  readonly certificate: Period | undefined
}

export async function readMounted(kubeletRoot: string, workload: Workload): Promise<Period | undefined> {
  const { mount } = volumePaths(kubeletRoot, workload.podUid, workload.volume)
  const path = join(mount, spiffeDriver.certificateFile)
  // A second look, for when the files are swapped between finding and opening them.
  const pem = await readFile(path, 'utf8').catch(() => readFile(path, 'utf8').catch(() => undefined))
  return pem === undefined ? undefined : periodOf(pem)
}

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
