import type { Clock } from '../clock.ts'
import { renewalDueMs, renewalRules } from '../identity/renewal.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { periodOf, type CertificateAuthority } from './certificateAuthority.ts'
import { certificateRequests, kubernetesTime } from './certificateRequest.ts'
import type { ManagedVolume } from './driver.ts'
import { requestsOf } from './issuance.ts'
import { podObject, type PodState } from './pods.ts'
import type { Fate } from './population.ts'
import { createKeyAndRequest } from './signingRequest.ts'
import { containerStartMs, type Mount } from './mount.ts'
import type { MountedFiles } from './mountedFiles.ts'
import { withCertificate, withDecision } from './verdicts.ts'
import { newRequest, type Workload } from './workload.ts'

interface SeedContext {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly authority: CertificateAuthority
  readonly lifetimeMs: number
}

/** A pod that is there from the start. */
export interface SeededPod {
  readonly workload: Workload
  readonly fate: Fate
  readonly mount: Mount
}

/**
 * Creates a pod as if it had been there for a while: its object, its requests, its files. `stagger` in [0, 1) spreads the
 * renewals of healthy pods evenly over time. Returns the volume that the driver has to keep renewed, if there is one.
 */
export async function seedPod(
  context: SeedContext,
  pod: SeededPod,
  stagger: number,
): Promise<ManagedVolume | undefined> {
  const { clock, store, lifetimeMs } = context
  const { workload, fate, mount } = pod
  const lifetimesAgo = (lifetimes: number) => clock.now() - lifetimes * lifetimeMs
  const create = (state: PodState, startMs: number, containerStartMs?: number) =>
    store.create('pods', podObject(workload, state, startMs, containerStartMs))
  switch (fate) {
    case 'denied':
    case 'unserved':
      create('starting', clock.now())
      if (fate === 'unserved') return undefined
      return { workload, mount, isPublished: true, nextIssuanceMs: clock.now() }
    case 'ended':
      create('ended', lifetimesAgo(4))
      await seedRequest(context, workload, lifetimesAgo(3))
      return undefined
    default: {
      const volume = await seedRunning(context, pod, histories[fate](stagger).map(lifetimesAgo))
      create('running', lifetimesAgo(4), mount.isDetached ? undefined : await containerStartMs(mount, clock))
      return volume
    }
  }
}

/** The fates of pods that run with an SVID. */
type RunningFate = Exclude<Fate, 'denied' | 'unserved' | 'ended'>

/** How many lifetimes ago the SVID was issued with which the pod is seen first, and the one that the driver wrote after it. */
const histories: Readonly<Record<RunningFate, (stagger: number) => readonly number[]>> = {
  healthy: (stagger) => [(stagger * 2) / 3],
  stuck: () => [1 / 2],
  deadMount: () => [3 / 4, 1 / 12],
  detached: () => [7 / 6, 1 / 6],
  notReloaded: () => [11 / 12, 1 / 4],
  subPath: () => [7 / 6, 1 / 2],
}

/** Lets SVIDs that were issued at these times arrive in the volume, as far as the fate of the pod lets them. */
async function seedRunning(
  context: SeedContext,
  { workload, fate, mount }: SeededPod,
  issuedMs: readonly number[],
): Promise<ManagedVolume> {
  const { store } = context
  let nextIssuanceMs = 0
  for (const atMs of issuedMs) {
    for (const { metadata } of requestsOf(store, workload))
      store.delete(certificateRequests, metadata.namespace, metadata.name)
    const files = await seedRequest(context, workload, atMs)
    if (mount.host === 'live' && fate === 'deadMount') mount.orphan()
    if (mount.host === 'live' && fate === 'detached') await mount.unmount()
    await mount.write(files)
    nextIssuanceMs = renewalDueMs(periodOf(files.certificatePem), renewalRules.csiDriverSpiffe)
  }
  return { workload, mount, isPublished: true, nextIssuanceMs }
}

/** Creates a request that was issued at `issuedMs`. Returns the files that the driver writes then. */
async function seedRequest(context: SeedContext, workload: Workload, issuedMs: number): Promise<MountedFiles> {
  const { store, authority, lifetimeMs } = context
  const { requestPem, keyPem } = await createKeyAndRequest(workload.spiffeId)
  const certificatePem = await authority.sign(requestPem, { notBeforeMs: issuedMs, lifetimeMs })
  const request = newRequest(workload, requestPem, lifetimeMs)
  request.metadata.creationTimestamp = kubernetesTime(issuedMs)
  const approved = withDecision(request, undefined, issuedMs)
  store.create(certificateRequests, withCertificate(approved, certificatePem, authority.certificatePem, issuedMs))
  return { certificatePem, keyPem, bundlePem: authority.certificatePem }
}
