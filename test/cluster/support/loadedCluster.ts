import { systemClock } from '../../../src/clock.ts'
import { createClient } from '../../../src/kubernetes/client.ts'
import { loadCredentials } from '../../../src/kubernetes/credentials.ts'
import { namespaces } from '../../faults/askers.ts'
import { Lifecycles } from '../../faults/lifecycles.ts'
import type { Size } from '../../faults/size.ts'
import type { World } from '../../faults/world.ts'
import { ClientWriter } from '../../faults/writers.ts'
import { hook, kubectl, sleep } from './shell.ts'

/**
 * Starts a load on the cluster of the current kubeconfig context: requests in separate namespaces, for issuers that do not exist
 * there. They lack csi-driver-spiffe's annotation, so its approver ignores them.
 */
export async function startLoadedCluster(size: Size): Promise<World> {
  await deleteNamespaces()
  for (const namespace of namespaces) await kubectl('create', 'namespace', namespace)
  const client = createClient({ clock: systemClock })
  const writer = new ClientWriter(client, systemClock)
  const lifecycles = await Lifecycles.create({ ...size, annotated: false }, systemClock, writer)
  return {
    credentials: loadCredentials({}),
    requests: size.requests,
    outageMs: size.outageMs,
    allow: (upTo) => lifecycles.allow(upTo),
    keep: (isKept) => lifecycles.keep(isKept),
    progress: () => Promise.resolve(lifecycles.progress),
    ended: lifecycles.run(),
    async restart() {
      await hook('STOP_API_SERVER')
      await sleep(size.outageMs)
      await hook('START_API_SERVER')
    },
    async close() {
      await lifecycles.close()
      client.close()
      await deleteNamespaces()
    },
  }
}

async function deleteNamespaces(): Promise<void> {
  await kubectl('delete', 'namespace', ...namespaces, '--ignore-not-found', '--timeout=300s')
}
