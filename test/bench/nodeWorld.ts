import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../src/clock.ts'
import { startApiServer } from '../../src/world/apiServer/server.ts'
import { createStore } from '../../src/world/apiServer/store.ts'
import { endpointSlice, nodeRoleService, writeFindingsKeys } from '../../src/world/nodeRoles.ts'
import { nodeObject } from '../../src/world/nodes.ts'
import { createCertificateAuthority } from '../../src/world/certificateAuthority.ts'
import { createSigningRequest } from '../../src/world/signingRequest.ts'
import type { VolumePaths } from '../../src/sources/mountedSvids/layout.ts'
import { KubeletFolder } from '../support/kubeletFolder.ts'
import { lifetimeMs } from './certificates.ts'
import { startProgram, type Program } from './program.ts'
import { mountTmpfs, unmount } from './tmpfs.ts'
import { nodeName, podOf, volume, workloadOf, type Workload } from './workloads.ts'

/** One node with its pods and their mounts, its node role, and the cluster role that follows it: each role a process of its own. */
export interface NodeWorld {
  readonly nodeRole: Program
  readonly clusterRole: Program
  /** Swaps the files of a pod's volume; resolves with the fingerprint of the new certificate. */
  swap(pod: number): Promise<string>
  close(): Promise<void>
}

export async function startNodeWorld(clock: Clock, pods: number, profileInto?: string): Promise<NodeWorld> {
  await using starting = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-bench-'))
  starting.defer(() => rm(folder, { recursive: true }))
  const kubelet = await KubeletFolder.create()
  starting.defer(() => kubelet.remove())
  const node = nodeName(0)
  const workloads = Array.from({ length: pods }, (_, index) => ({ ...workloadOf(index), node }))
  const volumes = await Promise.all(workloads.map(({ podUid }) => kubelet.addVolume(podUid, volume)))
  for (const { mount } of volumes) {
    await mountTmpfs(mount)
    starting.defer(() => unmount(mount))
  }
  const swap = await fillVolumes(clock, kubelet, workloads, volumes)

  const { signingKey, publicKeys } = await writeFindingsKeys(folder)
  const settings = { mountedSvids: { kubeletRoot: kubelet.root }, nodeFindings: { publicKeys, nodeName: node } }
  const nodeRole = await startProgram({ clock, role: 'node', settings, profileInto })
  starting.defer(() => nodeRole.stop())
  const api = await startNodeApi(clock, workloads, nodeRole.url)
  starting.defer(() => api.close())
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, api.kubeconfig)
  const nodeFindings = { service: `${nodeRoleService.namespace}/${nodeRoleService.name}`, signingKey }
  const clusterRole = await startProgram({
    clock,
    role: 'cluster',
    settings: { kubernetes: { kubeconfig }, nodeFindings },
  })
  starting.defer(() => clusterRole.stop())
  const all = starting.move()
  return { nodeRole, clusterRole, swap, close: () => all.disposeAsync() }
}

/** Writes every volume once, and returns what writes one anew. The signatures are good, since the node role verifies them. */
async function fillVolumes(
  clock: Clock,
  kubelet: KubeletFolder,
  workloads: readonly Workload[],
  volumes: readonly VolumePaths[],
): Promise<NodeWorld['swap']> {
  const authority = await createCertificateAuthority('bench', clock.now())
  const certificateOf = async (workload: Workload): Promise<string> =>
    authority.sign(await createSigningRequest(workload.spiffeId), { notBeforeMs: clock.now(), lifetimeMs })
  const next = new Map<number, string>()
  const swap = async (pod: number): Promise<string> => {
    const [paths, workload] = [volumes[pod], workloads[pod]]
    if (paths === undefined || workload === undefined) throw new Error(`there is no pod ${pod}`)
    const certificatePem = next.get(pod) ?? (await certificateOf(workload))
    next.delete(pod)
    await kubelet.write(paths, { 'tls.crt': certificatePem, 'tls.key': 'no key', 'ca.crt': authority.certificatePem })
    return new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()
  }
  for (const pod of volumes.keys()) await swap(pod)
  // Signing takes no time of a measurement.
  for (const [pod, workload] of workloads.entries()) next.set(pod, await certificateOf(workload))
  return swap
}

function startNodeApi(clock: Clock, workloads: readonly Workload[], nodeRoleUrl: string) {
  const store = createStore(clock)
  const name = nodeName(0)
  store.create('nodes', nodeObject({ name, uid: `uid-of-${name}` }))
  for (const workload of workloads) store.create('pods', podOf(workload))
  store.create('endpointslices', endpointSlice(name, nodeRoleUrl))
  return startApiServer({ clock, store })
}
