import assert from 'node:assert/strict'
import { onTestFinished, vi } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import type { Role } from '../../../src/role.ts'
import { createCertificateAuthority } from '../../../src/world/certificateAuthority.ts'
import { seedCluster } from '../../../src/world/cluster.ts'
import { Mount } from '../../../src/world/mount.ts'
import { nodePlans } from '../../../src/world/nodes.ts'
import { seedPod } from '../../../src/world/seed.ts'
import { workloadOf } from '../../../src/world/workload.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { KubeletFolder } from '../../support/kubeletFolder.ts'
import { metricsOf, runningApp } from '../../support/runningApp.ts'
import { startTestApi } from '../../support/testApi.ts'

const namespace = 'healthy'
const workloadCount = 5
/** Long enough for whatever a test has to wait for: nothing is renewed meanwhile. */
const lifetimeMs = 365 * 24 * 3_600_000

/** An API server and a kubelet's folder with workloads that are well, all of them on node-1, in a time that tests advance. */
export async function healthyWorkloads() {
  const api = await startTestApi()
  const { clock, store } = api
  const kubelet = await KubeletFolder.create()
  onTestFinished(async () => {
    await api.close()
    await kubelet.remove()
  })
  const nodes = nodePlans.map((plan) => ({ ...plan, uid: `uid-of-${plan.name}` }))
  const [node] = nodes
  if (node === undefined) throw new Error('the demonstration has nodes')
  seedCluster(store, clock, nodes, [namespace])
  const authority = await createCertificateAuthority('spiffe-ca', clock.now())
  const context = { clock, store, authority, lifetimeMs }
  for (let index = 0; index < workloadCount; index += 1) {
    const plan = { namespace, name: `web-${index}`, serviceAccount: 'web', node: node.name, fate: 'healthy' as const }
    const workload = workloadOf(plan, node)
    const mount = new Mount({ clock, kubeletRoot: kubelet.root, workload })
    await seedPod(context, { workload, fate: 'healthy', mount }, 0)
  }
  return {
    ...{ clock, store, kubelet },
    /** svidwatch in these roles over all this, in the same time unless it is told otherwise. */
    start: async (
      settings: Readonly<Record<string, unknown>> = {},
      roles: readonly Role[] = ['cluster'],
      itsClock = clock,
    ): Promise<App> => {
      const client = createClientFromText(api.server.kubeconfig, itsClock)
      const mountedSvids = { kubeletRoot: kubelet.root }
      const app = await runningApp(roles, { mountedSvids, ...settings }, { clock: itsClock, client })
      await until(async () => {
        await itsClock.advance(0)
        assert.equal(healthySeries(await metricsOf(app)).length, workloadCount * roles.length)
      })
      return app
    },
  }
}

/** When the SVIDs of the healthy workloads end, a series for each copy: whatever else happens, they stay as they are. */
export function healthySeries(text: string): readonly string[] {
  return text
    .split('\n')
    .filter(
      (line) =>
        line.startsWith('spiffe_svid_not_after_timestamp_seconds{') && line.includes(`namespace="${namespace}"`),
    )
    .sort()
}

/** Waits for an assertion to hold, however busy the machine is. */
export function until(check: () => Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 120_000, interval: 20 })
}
