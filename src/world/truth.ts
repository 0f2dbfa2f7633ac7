import { X509Certificate } from 'node:crypto'
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
  /** Whether the host keeps the mount of a driver process that is gone. */
  readonly mountDead: boolean
  /** Whether the containers have an older mount than the host. */
  readonly detached: boolean
  /** The validity of the certificate in the host's mount, on disk; undefined if there is none. */
  readonly mounted: Period | undefined
  /** Whether that certificate verifies against the trust bundle beside it; undefined if there is none. */
  readonly verifies: boolean | undefined
  /** The validity of the certificate that the pod's containers read; undefined if there is none. */
  readonly inContainers: Period | undefined
  /** The validity of the certificate that its server presents; undefined without a server. */
  readonly served: Period | undefined
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

/** Returns what is in the host's mount. */
export async function readMounted(
  kubeletRoot: string,
  workload: Workload,
): Promise<Pick<PodTruth, 'mounted' | 'verifies'>> {
  const { mount } = volumePaths(kubeletRoot, workload.podUid, workload.volume)
  const read = (name: string) => readFile(join(mount, name), 'utf8')
  const all = [read(spiffeDriver.certificateFile), read(spiffeDriver.bundleFile)] as const
  const files = await Promise.all(all).catch(() => undefined)
  if (files === undefined) return { mounted: undefined, verifies: undefined }
  const [certificatePem, bundlePem] = files
  const leaf = new X509Certificate(certificatePem)
  const verifies = authoritiesIn(bundlePem).some(({ publicKey }) => leaf.verify(publicKey))
  return { mounted: periodOf(certificatePem), verifies }
}

/** Returns the certificates of a trust bundle in PEM. */
const authoritiesIn = (bundlePem: string): X509Certificate[] =>
  Array.from(
    bundlePem.matchAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g),
    ([pem]) => new X509Certificate(pem),
  )

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
