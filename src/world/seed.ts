import type { Clock } from '../clock.ts'
import { renewalDueMs, renewalRules } from '../identity/renewal.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { periodOf, type CertificateAuthority } from './certificateAuthority.ts'
import { certificateRequests, kubernetesTime } from './certificateRequest.ts'
import type { ManagedVolume } from './driver.ts'
import { requestsOf } from './issuance.ts'
import { podObject, type PodState } from './pods.ts'
import type { Fate } from './population.ts'
import { createSigningRequest } from './signingRequest.ts'
import type { PodTruth } from './truth.ts'
import { withCertificate, withDecision } from './verdicts.ts'
import { writeVolume } from './volumes.ts'
import { newRequest, type Workload } from './workload.ts'

interface SeedContext {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly authority: CertificateAuthority
  readonly kubeletRoot: string
  readonly lifetimeMs: number
}

/**
 * Creates a pod as if it had been there for a while: its object, its requests, its files. `stagger` in [0, 1) spreads the
 * renewals of healthy pods evenly over time. Returns the volume that the driver has to keep renewed, if there is one.
 */
export async function seedPod(
  context: SeedContext,
  { workload, fate }: Pick<PodTruth, 'workload' | 'fate'>,
  stagger: number,
): Promise<ManagedVolume | undefined> {
  const { clock, store, lifetimeMs } = context
  const lifetimesAgo = (lifetimes: number) => clock.now() - lifetimes * lifetimeMs
  const state = states[fate]
  store.create('pods', podObject(workload, state, lifetimesAgo(state === 'starting' ? 0 : 4)))
  switch (fate) {
    case 'healthy':
      return seedRunning(context, workload, lifetimesAgo((stagger * 2) / 3))
    case 'stuck':
      return seedRunning(context, workload, lifetimesAgo(1 / 2))
    case 'deadMount':
      return seedDeadMount(context, workload, lifetimesAgo(3 / 4), lifetimesAgo(1 / 12))
    case 'denied':
      return { workload, mount: 'none', nextIssuanceMs: clock.now() }
    case 'unserved':
      return undefined
    case 'ended':
      await seedRequest(context, workload, lifetimesAgo(3))
      return undefined
  }
}

const states: Readonly<Record<Fate, PodState>> = {
  healthy: 'running',
  stuck: 'running',
  denied: 'starting',
  deadMount: 'running',
  unserved: 'starting',
  ended: 'ended',
}

async function seedRunning(context: SeedContext, workload: Workload, issuedMs: number): Promise<ManagedVolume> {
  const { clock, authority, kubeletRoot } = context
  const certificatePem = await seedRequest(context, workload, issuedMs)
  await writeVolume(kubeletRoot, workload, { certificatePem, bundlePem: authority.certificatePem }, clock)
  return {
    workload,
    mount: 'live',
    nextIssuanceMs: renewalDueMs(periodOf(certificatePem), renewalRules.csiDriverSpiffe),
  }
}

/**
 * Creates a pod whose mounted SVID is old: its request is deleted, as after every renewal, and the newer SVID has not reached the
 * pod.
 */
async function seedDeadMount(context: SeedContext, workload: Workload, mountedMs: number, issuedMs: number) {
  const mountedVolume = await seedRunning(context, workload, mountedMs)
  for (const { metadata } of requestsOf(context.store, workload)) {
    context.store.delete(certificateRequests, metadata.namespace, metadata.name)
  }
  const certificatePem = await seedRequest(context, workload, issuedMs)
  return {
    ...mountedVolume,
    mount: 'dead' as const,
    nextIssuanceMs: renewalDueMs(periodOf(certificatePem), renewalRules.csiDriverSpiffe),
  }
}

/** Creates a request that was issued at `issuedMs`. Returns its certificate (PEM). */
async function seedRequest(context: SeedContext, workload: Workload, issuedMs: number): Promise<string> {
  const { store, authority, lifetimeMs } = context
  const signingRequestPem = await createSigningRequest(workload.spiffeId)
  const certificatePem = await authority.sign(signingRequestPem, { notBeforeMs: issuedMs, lifetimeMs })
  const request = newRequest(workload, signingRequestPem, lifetimeMs)
  request.metadata.creationTimestamp = kubernetesTime(issuedMs)
  const approved = withDecision(request, undefined, issuedMs)
  store.create(certificateRequests, withCertificate(approved, certificatePem, authority.certificatePem, issuedMs))
  return certificatePem
}
