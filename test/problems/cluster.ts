import { tmpdir } from 'node:os'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { credentialsFromText } from '../../src/kubernetes/credentials.ts'
import type { IssuerFaults } from '../../src/world/issuer.ts'
import type { Fate, Serving } from '../../src/world/population.ts'
import type { Workload } from '../../src/world/workload.ts'
import { startWorld, type World } from '../../src/world/world.ts'
import { startFaultyRelay, type FaultyRelay } from '../support/faultyRelay.ts'
import { ManualClock } from '../support/manualClock.ts'
import { startPartner, type Partner } from './partner.ts'

/** A pod of the namespace `shop` with an SVID. */
export interface Pod {
  readonly name: string
  readonly node: 'node-1' | 'node-2'
  /** Healthy by default. */
  readonly fate?: Fate
  /** It has no server by default. */
  readonly serves?: Serving
}

/** A cluster before something breaks. */
export interface ClusterPlan {
  /** The SVIDs of these pods were issued one after the other within the last 40 minutes, that of the first one just now. */
  readonly pods: readonly Pod[]
  readonly issuer?: IssuerFaults & { readonly authorityAgeMs?: number }
  /** How long the bundle of the supplier is still valid, ms; a day by default. */
  readonly supplierLeftMs?: number
}

/** A cluster in which things can be broken. It ends with the test. */
export interface Cluster {
  /** Time passes only when a test advances it. */
  readonly clock: ManualClock
  readonly world: World
  /** Between svidwatch and the API server. */
  readonly relay: FaultyRelay
  /** The trust domains outside the cluster whose bundles svidwatch fetches. */
  readonly partners: { readonly customer: Partner; readonly supplier: Partner }
  readonly workload: (pod: string) => Promise<Workload>
}

export const namespace = 'shop'
export const customerDomain = 'customer.example'
export const supplierDomain = 'supplier.example'

/** csi-driver-spiffe requests an hour by default. */
export const lifetimeMs = 3_600_000
const dayMs = 24 * lifetimeMs

export async function startCluster({ pods, issuer = {}, supplierLeftMs = dayMs }: ClusterPlan): Promise<Cluster> {
  // TLS verifies certificates at the real time, so the time of the cluster begins there. Certificates have whole seconds.
  const clock = new ManualClock(Math.floor(systemClock.now() / 1000) * 1000)
  const plans = pods.map(({ fate = 'healthy', ...pod }) => ({ ...pod, fate, namespace, serviceAccount: pod.name }))
  const world = await startWorld({ clock, root: tmpdir(), lifetimeMs, issuer, pods: plans })
  onTestFinished(() => world.close())
  const relay = await startFaultyRelay(credentialsFromText(world.api.kubeconfig))
  onTestFinished(() => relay.close())
  const { folder } = world
  const customer = await startPartner({ clock, folder, trustDomain: customerDomain, leftMs: dayMs })
  const supplier = await startPartner({ clock, folder, trustDomain: supplierDomain, leftMs: supplierLeftMs })
  return {
    ...{ clock, world, relay, partners: { customer, supplier } },
    workload: async (pod) => {
      const found = (await world.truth()).find(({ workload }) => workload.pod === pod)
      if (found === undefined) throw new Error(`there is no pod ${pod}`)
      return found.workload
    },
  }
}
